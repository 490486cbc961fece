// A round trip of node-redis, in RESP2 and RESP3. Usage: node node_redis.js PORT. It prints what came back,
// which must be the same whichever server it was.
'use strict';
const { createClient } = require('redis');
const { show, attempt, until } = require('./transcript');

async function session(RESP) {
  const client = createClient({ RESP, unstableResp3: true, socket: { host: '127.0.0.1', port: Number(process.argv[2]) } });
  client.on('error', (error) => show('client error', error.message));
  await client.connect();
  show('protocol', RESP);
  await client.flushAll();

  show('set', await client.set('k', 'v', { expiration: { type: 'EX', value: 100 }, condition: 'NX' }));
  show('get', await client.get('k'));
  show('ttl', (await client.ttl('k')) > 95);
  show('mget', await client.mGet(['k', 'nosuch']));
  show('incrByFloat', await client.incrByFloat('f', 1.5));
  await attempt('incr of text', () => client.incr('k'));

  show('hSet', await client.hSet('h', { a: '1', b: '2' }));
  show('hGetAll', { ...(await client.hGetAll('h')) });
  show('hExpire', await client.hExpire('h', 'a', 100));
  show('rPush', await client.rPush('l', ['a', 'b', 'c']));
  show('lRange', await client.lRange('l', 0, -1));
  show('blPop', await client.blPop('l', 1));
  show('sAdd', await client.sAdd('s', ['x', 'y']));
  show('sMembers', [...(await client.sMembers('s'))].sort());
  show('zAdd', await client.zAdd('z', [{ score: 1.5, value: 'a' }, { score: 2, value: 'b' }]));
  show('zRangeWithScores', await client.zRangeWithScores('z', 0, -1));
  show('xAdd', await client.xAdd('x', '1-1', { field: 'value' }));
  show('xRange', (await client.xRange('x', '-', '+')).map(({ id, message }) => [id, { ...message }]));
  show('xGroupCreate', await client.xGroupCreate('x', 'g', '0'));
  const read = await client.xReadGroup('g', 'c', { key: 'x', id: '>' });
  show('xReadGroup', JSON.stringify(read).includes('"1-1"'));
  show('geoAdd', await client.geoAdd('geo', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' }));
  show('setBit', await client.setBit('bits', 7, 1));
  show('pfAdd', await client.pfAdd('hll', ['a', 'b']));

  show('multi', await client.multi().set('m', '1').incr('m').get('m').exec());
  await attempt('multi with an error', () => client.multi().set('m', 'x').incr('m').exec());
  show('eval', await client.eval('return {KEYS[1], ARGV[1], 7, false}', { keys: ['k'], arguments: ['a'] }));
  await attempt('eval error', () => client.eval('return redis.error_reply("MY error")'));
  await attempt('script kill', () => client.scriptKill());

  const seen = [];
  const subscriber = client.duplicate();
  subscriber.on('error', (error) => show('subscriber error', error.message));
  await subscriber.connect();
  await subscriber.subscribe('news', (message, channel) => seen.push([channel, message]));
  await subscriber.pSubscribe('n*', (message, channel) => seen.push(['by pattern', channel, message]));
  await subscriber.sSubscribe('shard', (message, channel) => seen.push([channel, message]));
  show('publish', await client.publish('news', 'hello'));
  show('sPublish', await client.sPublish('shard', 'hello'));
  await until(() => seen.length === 3);
  show('seen', seen.map(String).sort());
  show('pubSubNumSub', { ...(await client.pubSubNumSub('news')) });
  await subscriber.unsubscribe('news');
  await subscriber.pUnsubscribe('n*');
  await subscriber.sUnsubscribe('shard');
  subscriber.destroy();

  const found = [];
  for await (const keys of client.scanIterator({ MATCH: '*', COUNT: 3 })) found.push(...[keys].flat());
  show('scanIterator', [...new Set(found)].sort());
  show('client name', [await client.clientSetName('me'), await client.clientGetName()]);
  show('dbSize', await client.dbSize());
  await attempt('unknown', () => client.sendCommand(['NOSUCH', 'a']));
  show('info', (await client.info('server')).includes('redis_version:'));
  await client.close();
}

(async () => {
  await session(2);
  await session(3);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
