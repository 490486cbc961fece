// Queues of BullMQ: jobs that succeed, fail and are tried again, wait for their time, have priorities and
// children. Usage: node bullmq.js PORT. It prints what became of them, which must be the same whichever
// server it was.
'use strict';
const Redis = require('ioredis');
const { Queue, Worker, QueueEvents, FlowProducer } = require('bullmq');
const { show, until } = require('./transcript');

const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };

async function main() {
  const redis = new Redis(connection);
  await redis.config('SET', 'maxmemory-policy', 'noeviction'); // or BullMQ prints a warning
  redis.disconnect();
  const queue = new Queue('work', { connection });
  const events = new QueueEvents('work', { connection });
  await events.waitUntilReady();
  const heard = { completed: 0, failed: 0, progress: 0, delayed: 0 };
  for (const name of Object.keys(heard)) events.on(name, () => heard[name]++);

  await queue.pause();
  await queue.add('plain', { n: 1 });
  await queue.addBulk([1, 2, 3].map((n) => ({ name: 'bulk', data: { n } })));
  await queue.add('flaky', { n: 5 }, { attempts: 3, backoff: { type: 'fixed', delay: 20 } });
  await queue.add('hopeless', { n: 6 }, { attempts: 2 });
  await queue.add('later', { n: 7 }, { delay: 100 });
  await queue.add('low', { n: 8 }, { priority: 10 });
  await queue.add('high', { n: 9 }, { priority: 1 });
  await queue.add('once', { n: 10 }, { jobId: 'the-one' });
  await queue.add('once', { n: 10 }, { jobId: 'the-one' });
  show('counts before', await queue.getJobCounts());

  const order = [];
  const worker = new Worker('work', async (job) => {
    order.push(job.name);
    await job.updateProgress(50);
    await job.log('started');
    if (job.name === 'hopeless' || (job.name === 'flaky' && job.attemptsMade < 2)) throw new Error(`no luck with ${job.name}`);
    return job.data.n * 2;
  }, { connection, concurrency: 1 });
  await queue.resume();
  await until(async () => {
    const counts = await queue.getJobCounts('completed', 'failed');
    return counts.completed === 9 && counts.failed === 1;
  });
  await until(() => heard.completed === 9 && heard.failed >= 1);
  show('done', [...order].sort());
  show('high before low', order.indexOf('high') < order.indexOf('low'));
  show('counts after', await queue.getJobCounts());
  show('heard', [heard.completed, heard.failed, heard.progress >= 9]);
  const failed = (await queue.getFailed())[0];
  show('failed', [failed.name, failed.failedReason, failed.attemptsMade]);
  show('results', (await queue.getCompleted()).map((job) => [job.name, job.returnvalue]).map(String).sort());
  await failed.retry();
  await until(async () => (await queue.getJobCounts('failed')).failed === 1);

  const children = new Worker('children', async (job) => job.data.n + 1, { connection });
  const parents = new Worker('parents', async (job) => Object.values(await job.getChildrenValues()).sort(), { connection });
  const flow = new FlowProducer({ connection });
  const tree = await flow.add({ name: 'sum', queueName: 'parents', children: [1, 2].map((n) => ({ name: 'add', queueName: 'children', data: { n } })) });
  await until(async () => (await tree.job.getState()) === 'completed');
  show('flow', (await new Queue('parents', { connection }).getJob(tree.job.id)).returnvalue);

  await queue.upsertJobScheduler('tick', { every: 50, limit: 3 }, { name: 'ticked' });
  await until(() => order.filter((name) => name === 'ticked').length >= 3);
  show('scheduled', order.filter((name) => name === 'ticked').length);
  await until(async () => (await queue.getJobCounts('active')).active === 0);
  await queue.drain(true);
  await queue.clean(0, 100, 'completed');
  show('cleaned', await queue.getJobCounts('completed', 'wait', 'delayed'));
  await Promise.all([worker, children, parents].map((w) => w.close()));
  await queue.obliterate({ force: true });
  show('obliterated', await queue.getJobCounts('completed', 'failed', 'wait'));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
