/* The background process: two of them on one database, one killed in the
   middle, jobs asked for and paused over the API. On a stack of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withStack } from '../lib/own.mjs';
import { isAlive } from '../lib/processes.mjs';
import { until } from '../lib/wait.mjs';

const HOUR = 3_600_000;

const works = (stack) => stack.processes((words) => words[0]?.endsWith('/kontor') && words.at(-1) === 'work');

class Jobs {
  constructor(client, admin) {
    Object.assign(this, { client, admin });
  }

  async get(name) {
    const answer = await this.client.send('GET', '/api/v1/scheduler/jobs', { token: this.admin.access });
    assert.equal(answer.status, 200, answer.text);
    return answer.json.data.find((job) => job.name === name);
  }

  async ask(name, what, status = 200) {
    const answer = await this.client.send('POST', `/api/v1/scheduler/jobs/${name}/${what}`, { token: this.admin.access });
    assert.equal(answer.status, status, answer.text);
    return answer.json;
  }

  /* Until it has run once more than `before` said. */
  after(before) {
    return until(`another run of ${before.name}`, async () => {
      const job = await this.get(before.name);
      return job.runs > before.runs && job.state === 'waiting' && job;
    });
  }
}

/* A second one beside the supervised one; ended with the test. */
function second(stack) {
  const child = spawn(join(stack.programs, 'kontor'), ['--config', join(stack.data, 'kontor.conf'), 'work'], {
    env: stack.environment(), stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.text = '';
  child.stderr.on('data', (text) => (child.text += text));
  child.over = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  return child;
}

export const tests = [
  ['a job runs when it is asked for, not while it is paused', (context) => withStack(context, {}, async ({ stack, client, people }) => {
    const jobs = new Jobs(client, await people.admin());
    const first = await until('every job has run', async () => {
      const job = await jobs.get('backup');
      return job.runs > 0 && job;
    });
    assert.equal(first.last_result, 'ok', first.last_error);
    await jobs.ask('backup', 'run');
    const again = await jobs.after(first);
    assert.equal(again.last_result, 'ok');
    assert.equal(again.next_at, first.next_at, 'asked for early: its own time stays');
    assert.equal((await jobs.ask('clean', 'pause')).state, 'paused');
    await jobs.ask('clean', 'run', 409);
    await jobs.ask('clean', 'resume');
    const before = await jobs.get('clean');
    await jobs.ask('clean', 'run');
    await jobs.after(before);
    const done = stack.kontor('work', '--once');
    assert.equal(done.code, 0, done.err);
  })],
  ['two processes share the jobs, and SIGTERM ends one after its job', (context) => withStack(context, {}, async ({ stack, client, people }) => {
    const jobs = new Jobs(client, await people.admin());
    const other = second(stack);
    try {
      await until('the second one works', () => other.text.includes('work.started'));
      const before = await jobs.get('clean');
      await jobs.ask('clean', 'run');
      const after = await jobs.after(before);
      assert.equal(after.runs, before.runs + 1, 'once, not twice');
      const [pid] = works(stack);
      other.kill('SIGTERM');
      assert.deepEqual(await other.over, { code: 0, signal: null });
      assert.match(other.text, /work\.ended/);
      assert.ok(isAlive(pid));
    } finally {
      other.kill('SIGKILL');
      await other.over;
    }
  })],
  ['kill -9 in the middle loses nothing', (context) => withStack(context, {}, async ({ stack, client, people }) => {
    if (!readFileSync(join(stack.programs, 'kontor.fcgi')).includes('KONTOR_TEST_CLOCK')) return 'skipped: the programs have no test clock';
    const jobs = new Jobs(client, await people.admin());
    const first = await until('the first backup', async () => {
      const job = await jobs.get('backup');
      return job.runs > 0 && job;
    });
    await jobs.ask('backup', 'run');
    /* whoever begins it is killed at once, mostly before it is through */
    await until('it has begun', async () => (await jobs.get('backup')).run_now === false);
    works(stack).forEach((pid) => process.kill(pid, 'SIGKILL'));
    await until('the supervisor starts another', () => works(stack).length === 1);
    stack.moveClock(3 * HOUR); /* past the lease, before the next due time */
    await people.login(jobs.admin);
    const after = await jobs.after(first);
    assert.equal(after.last_result, 'ok', after.last_error);
    const verified = stack.kontor('backup', 'verify');
    assert.equal(verified.code, 0, verified.err);
    return `${after.runs} runs`;
  })],
  ['a hundred kills leave a whole database and jobs that go on', (context) => withStack(context, {}, async ({ stack, client, people }) => {
    const jobs = new Jobs(client, await people.admin());
    for (let i = 0; i < 100; i++) {
      const child = second(stack);
      await new Promise((done) => setTimeout(done, (i * 7) % 60));
      child.kill('SIGKILL');
      await child.over;
    }
    /* read before the clock moves: the run may be over before we look again */
    const before = await jobs.get('clean');
    stack.moveClock(3 * HOUR);
    await people.login(jobs.admin);
    await jobs.after(before);
    const done = stack.kontor('backup');
    assert.equal(done.code, 0, done.err);
    assert.equal(stack.kontor('backup', 'verify').code, 0);
    assert.equal(stack.kontor('audit', 'verify').code, 0);
  })],
];
