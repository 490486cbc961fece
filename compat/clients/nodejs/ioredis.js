// A round trip of ioredis. Usage: node ioredis.js PORT. It prints what came back, which must be the same
// whichever server it was.
'use strict';
const Redis = require('ioredis');
const { show, attempt, until } = require('./transcript');

async function main() {
  const options = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: 1 };
  const redis = new Redis(options);
  redis.on('error', (error) => show('client error', error.message));
  await redis.flushall();

  show('set', await redis.set('k', 'v', 'EX', 100, 'GET'));
  show('getBuffer', (await redis.getBuffer('k')).toString('hex'));
  show('pipeline', await redis.pipeline().set('a', 1).incr('a').get('a').lpush('a', 1).exec().then((all) => all.map(([e, v]) => (e ? e.message : v))));
  show('multi', await redis.multi().set('a', 1).incr('a').exec());
  show('watch', await redis.watch('a'));
  await new Promise((done) => {
    const other = new Redis(options);
    other.set('a', 'changed').then(() => other.quit()).then(done);
  });
  show('exec after a change', await redis.multi().get('a').exec());
  show('hset', await redis.hset('h', { one: 1, two: 2 }));
  show('hgetall', await redis.hgetall('h'));
  show('hscan', (await redis.hscan('h', 0)).flat().length);
  show('zadd', await redis.zadd('z', 1, 'a', '2.5', 'b', 'inf', 'c'));
  show('zrange', await redis.zrange('z', 0, -1, 'WITHSCORES'));
  show('zpopmin', await redis.zpopmin('z'));
  show('lpush', await redis.lpush('l', 1, 2, 3));
  show('brpoplpush', await redis.brpoplpush('l', 'm', 1));
  show('blmove', await redis.blmove('l', 'm', 'LEFT', 'RIGHT', 0.01));
  show('xadd', await redis.xadd('x', '5-1', 'f', 'v'));
  show('xread', await redis.xread('COUNT', 2, 'STREAMS', 'x', '0'));
  show('sort', await redis.sort('m', 'DESC'));
  await attempt('wrong type', () => redis.lpush('k', 1));

  redis.defineCommand('addTo', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" });
  show('defineCommand', [await redis.addTo('n', 5), await redis.addTo('n', 6)]);
  await redis.script('FLUSH');
  show('defineCommand after a flush', await redis.addTo('n', 7));
  await attempt('script error', () => redis.eval("return redis.call('LPUSH', KEYS[1], 1)", 1, 'k'));

  const seen = [];
  const subscriber = new Redis(options);
  subscriber.on('message', (channel, message) => seen.push([channel, message]));
  subscriber.on('pmessage', (pattern, channel, message) => seen.push([pattern, channel, message]));
  show('subscribe', await subscriber.subscribe('one', 'two'));
  show('psubscribe', await subscriber.psubscribe('t*'));
  show('publish', [await redis.publish('one', 'a'), await redis.publish('two', 'b'), await redis.publish('three', 'c')]);
  await until(() => seen.length === 4);
  show('seen', seen);
  await attempt('get while subscribed', () => subscriber.get('k'));
  show('unsubscribe', await subscriber.unsubscribe('one', 'two'));
  show('punsubscribe', await subscriber.punsubscribe('t*'));
  show('get after that', await subscriber.get('k'));
  await subscriber.quit();

  await redis.config('SET', 'notify-keyspace-events', 'KEA');
  const events = [];
  const watcher = new Redis(options);
  watcher.on('pmessage', (_, channel, event) => events.push(`${channel} ${event}`));
  await watcher.psubscribe('__key*__:*');
  await redis.set('noted', 1);
  await redis.expire('noted', 100);
  await redis.del('noted');
  await until(() => events.length === 6);
  show('events', events);
  await redis.config('SET', 'notify-keyspace-events', '');
  watcher.disconnect();

  const monitor = await redis.monitor();
  const heard = [];
  monitor.on('monitor', (_, args) => heard.push(args));
  await redis.set('monitored', 'yes');
  await until(() => heard.length > 0);
  show('monitor', heard[0]);
  monitor.disconnect();

  const keys = [];
  for await (const some of redis.scanStream({ match: '*', count: 2 })) keys.push(...some);
  show('scanStream', [...new Set(keys)].sort());
  show('quit', await redis.quit());
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
