<?php
// A round trip of phpredis. Usage: php phpredis.php PORT. It prints what came back, which must be the same
// whichever server it was.

function show(string $what, mixed $value): void { echo $what, ': ', json_encode($value, JSON_PARTIAL_OUTPUT_ON_ERROR), "\n"; }

function attempt(string $what, Redis $r, callable $call): void {
    $r->clearLastError();
    try {
        show($what, [$call(), $r->getLastError()]);
    } catch (RedisException $e) {
        show($what, $e->getMessage());
    }
}

$r = new Redis();
$r->connect('127.0.0.1', (int) $argv[1], 5);
$r->flushAll();

show('set', [$r->set('k', 'v', ['nx', 'ex' => 100]), $r->get('k'), $r->ttl('k') > 95, $r->set('k', 'w', ['nx'])]);
show('mset', [$r->mset(['a' => 1, 'b' => 2]), $r->mget(['a', 'b', 'nosuch'])]);
show('numbers', [$r->incr('n'), $r->incrBy('n', 9), $r->incrByFloat('f', 0.25), $r->decr('n')]);
show('append', [$r->append('k', 'x'), $r->getRange('k', 0, -1), $r->setRange('k', 1, 'yz'), $r->strlen('k')]);
show('bits', [$r->setBit('bits', 9, true), $r->bitCount('bits'), $r->bitpos('bits', 1)]);
show('lists', [$r->rPush('l', 'a', 'b', 'c'), $r->lRange('l', 0, -1), $r->lPop('l'), $r->blPop(['l'], 1), $r->blPop(['none'], 1)]);
show('hashes', [$r->hMSet('h', ['x' => 1, 'y' => 2]), $r->hGetAll('h'), $r->hIncrBy('h', 'x', 4), $r->hMGet('h', ['x', 'z'])]);
show('sets', [$r->sAdd('s', 'a', 'b'), $r->sIsMember('s', 'a'), $r->sMisMember('s', 'a', 'z'), $r->sCard('s')]);
show('sorted sets', [$r->zAdd('z', 1, 'a', 2.5, 'b'), $r->zRange('z', 0, -1, true), $r->zScore('z', 'b'), $r->zRevRangeByScore('z', '+inf', '-inf', ['limit' => [0, 1]])]);
show('streams', [$r->xAdd('x', '1-1', ['f' => 'v']), $r->xRange('x', '-', '+'), $r->xGroup('CREATE', 'x', 'g', '0'), $r->xReadGroup('g', 'c', ['x' => '>']), $r->xAck('x', 'g', ['1-1'])]);
show('geo', [$r->geoadd('g', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania'), $r->geodist('g', 'Palermo', 'Catania', 'km'), $r->geohash('g', 'Palermo')]);
show('hyperloglog', [$r->pfAdd('p', ['a', 'b']), $r->pfCount('p')]);
show('multi', $r->multi()->set('m', 1)->incr('m')->get('m')->exec());
show('pipeline', $r->pipeline()->set('m', 1)->incr('m')->lPush('m', 'x')->exec());
$r->watch('m');
$other = new Redis();
$other->connect('127.0.0.1', (int) $argv[1]);
$other->set('m', 'changed');
show('watch', $r->multi()->get('m')->exec());
show('eval', [$r->eval('return {KEYS[1], ARGV[1], 3}', ['k', 'a'], 1), $r->script('exists', sha1('return 1'))]);
attempt('wrong type', $r, fn () => $r->lPush('k', 1));
attempt('no script', $r, fn () => $r->evalSha(str_repeat('f', 40)));
attempt('eval error', $r, fn () => $r->eval("return redis.call('incr', KEYS[1])", ['k'], 1));
attempt('unknown', $r, fn () => $r->rawCommand('nosuch', 'a'));

$r->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP);
show('serialised', [$r->set('o', ['deep' => [1, 2.5, null]]), $r->get('o')]);
$r->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_NONE);
$r->setOption(Redis::OPT_SCAN, Redis::SCAN_RETRY);
$found = [];
$cursor = null;
while (($keys = $r->scan($cursor, '*', 5)) !== false) array_push($found, ...$keys);
sort($found);
show('scan', array_values(array_unique($found)));
show('dump and restore', [$other->restore('copy', 0, $r->dump('z')), $r->zRange('copy', 0, -1, true)]);
show('object', [$r->object('encoding', 'n'), $r->type('z'), $r->exists('k', 'nosuch'), $r->del('k', 'a'), $r->unlink('b')]);
show('expire', [$r->expire('n', 100), $r->pttl('n') > 95000, $r->persist('n'), $r->ttl('n')]);
show('sort', [$r->rPush('unsorted', 3, 1, 2), $r->sort('unsorted'), $r->sort('unsorted', ['sort' => 'desc', 'limit' => [0, 2]])]);

$sessions = new Redis(); // what PHP's session handler does
$sessions->pconnect('127.0.0.1', (int) $argv[1], 5);
show('session', [$sessions->setex('PHPREDIS_SESSION:id', 1440, 'user|s:3:"abc";'), $sessions->get('PHPREDIS_SESSION:id'), $sessions->set('PHPREDIS_SESSION:id_LOCK', 'token', ['nx', 'px' => 5000])]);
show('unlock', $sessions->eval("if redis.call('get',KEYS[1]) == ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end", ['PHPREDIS_SESSION:id_LOCK', 'token'], 1));

show('publish', $r->publish('nobody', 'listens'));
show('info', isset($r->info('server')['redis_version']));
