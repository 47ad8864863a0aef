/* Messages that really go out: `kontor work` and a stand-in for Telegram, a
   webhook's receiver and a mail server, that checks each message strictly and
   misbehaves when it is told to. On a stack of its own. */
import assert from 'node:assert/strict';
import { Receiver } from '../lib/receiver.mjs';
import { secretWord } from '../lib/people.mjs';
import { until } from '../lib/wait.mjs';
import { bring } from './orders.mjs';
import { withStack } from '../lib/own.mjs';

const TOKEN = '123456:AA-token_of-the_bot';
const CHAT = '-1001234567890';

const withReceiver = async (context, settings, work) => {
  const receiver = await Receiver.start();
  try {
    await receiver.do({ op: 'bot', token: TOKEN, chat: CHAT });
    return await withStack(context, { settings: { ...receiver.settings, ...settings } }, (inner) => work({ ...inner, receiver }));
  } finally {
    receiver.stop();
  }
};

async function member(context, name) {
  const person = await context.people.make(name);
  person.send = async (method, path, body, status) => {
    const answer = await context.client.send(method, `/api/v1${path}`, { token: person.access, body });
    if (status) assert.equal(answer.status, status, `${path}: ${answer.text}`);
    return answer.json;
  };
  person.webhook = async (events) => {
    const path = `/in/${secretWord(8)}`;
    const made = await person.send('POST', '/notifications/channels',
      { kind: 'webhook', url: `http://127.0.0.1:${context.receiver.port}${path}`, events }, 201);
    await context.receiver.do({ op: 'hook', path, key: made.key });
    return { ...made, path };
  };
  person.errand = async (path) => {
    const { id } = await person.send('POST', path, undefined, 202);
    return until('the errand is done', async () => {
      const errand = await person.send('GET', `/errands/${id}`, undefined, 200);
      return ['done', 'failed'].includes(errand.state) && errand;
    });
  };
  return person;
}

const seen = (receiver, what, test) => until(`a message by ${what}`, async () => {
  const all = await receiver.do({ op: 'seen' });
  assert.deepEqual(all.faults, []);
  return test(all[what]) && all[what];
});

export const tests = [
  ['a fill, a denial and a halt are told by Telegram, mail and webhook', (context) => withReceiver(context, {}, async (inner) => {
    const { receiver, stack } = inner;
    bring(stack);
    const alice = await member(inner, 'alice');
    await alice.send('PATCH', '/settings', { telegram_token: TOKEN, telegram_chat_id: CHAT }, 200);
    await alice.send('POST', '/notifications/channels', { kind: 'telegram' }, 201);
    await alice.send('POST', '/notifications/channels', { kind: 'email', address: 'alice@example.org' }, 201);
    const hook = await alice.webhook();
    await alice.send('POST', '/trade/execute', { symbol: 'DESK', side: 'buy', quantity: '10' }, 201);
    await alice.send('POST', '/trade/execute', { symbol: 'DESK', side: 'sell', quantity: '50' }, 201);
    await alice.send('POST', '/risk/halt', undefined, 200);
    for (const what of ['telegram', 'webhook', 'mails']) {
      const all = await seen(receiver, what, (list) => list.length === 3);
      const texts = all.map((one) => one.text ?? one).sort();
      assert.match(texts[0], /^Bought 10 DESK at \d+\.\d+ for 100\d\.\d+ \(paper\)$/);
      assert.match(texts[1], /^Order denied by risk: sell 50 DESK \(paper\), reason: /);
      assert.match(texts[2], /^Trading is halted by you/);
    }
    const { mails } = await receiver.do({ op: 'seen' });
    assert.equal(mails[0].to, 'alice@example.org');
    assert.equal(mails[0].greeted, 'example.org', 'the name of this machine is nobody\'s business');
    assert.match(mails[0].header.Subject, /^Kontor: \w+$/);
    const { data } = await alice.send('GET', '/notifications', undefined, 200);
    assert.equal(data.length, 9);
    assert.ok(data.every((one) => one.state === 'sent' && one.attempts === 1 && one.error === null), JSON.stringify(data));
    const { data: channels } = await alice.send('GET', '/notifications/channels', undefined, 200);
    assert.ok(channels.every((one) => one.sent_at && one.failures === 0));
    const logs = Object.values(stack.logs()).join('');
    for (const secret of [TOKEN, hook.path, hook.key, CHAT]) assert.ok(!logs.includes(secret), `${secret} is in a log`);
  })],
  ['a test is sent at once, and says why when it fails', (context) => withReceiver(context, {}, async (inner) => {
    const { receiver } = inner;
    const alice = await member(inner, 'alice');
    const none = await alice.errand('/settings/test/telegram');
    assert.equal(none.error, 'There is no Telegram token.');
    await alice.send('PATCH', '/settings', { telegram_token: TOKEN, telegram_chat_id: '42' }, 200);
    assert.match((await alice.errand('/settings/test/telegram')).error, /does not know the chat/);
    await alice.send('PATCH', '/settings', { telegram_chat_id: CHAT }, 200);
    assert.deepEqual((await alice.errand('/settings/test/telegram')).result, { sent: true });
    const hook = await alice.webhook(['fill']);
    await receiver.do({ op: 'plan', what: 'webhook', do: 500 });
    const bad = await alice.errand(`/notifications/channels/${hook.id}/test`);
    assert.equal(bad.state, 'failed');
    assert.match(bad.error, /answered with the status 500/);
    assert.ok(!bad.error.includes('secret words'));
    assert.equal((await alice.errand(`/notifications/channels/${hook.id}/test`)).state, 'done');
    const { data } = await alice.send('GET', '/notifications', undefined, 200);
    assert.deepEqual(data.map((one) => [one.kind, one.state]), [['test', 'sent'], ['test', 'failed']]);
  })],
  ['what fails is tried again; a slow receiver of one does not keep another\'s waiting', (context) => withReceiver(context, {}, async (inner) => {
    const { receiver, stack } = inner;
    bring(stack);
    const [alice, bob] = [await member(inner, 'alice'), await member(inner, 'bob')];
    await alice.webhook();
    await bob.send('PATCH', '/settings', { telegram_token: TOKEN, telegram_chat_id: CHAT }, 200);
    await bob.send('POST', '/notifications/channels', { kind: 'telegram' }, 201);
    await receiver.do({ op: 'plan', what: 'webhook', do: 'hang' });
    await receiver.do({ op: 'plan', what: 'webhook', do: 'drop' });
    await alice.send('POST', '/trade/execute', { symbol: 'DESK', side: 'buy', quantity: '1' }, 201);
    await bob.send('POST', '/trade/execute', { symbol: 'DESK', side: 'buy', quantity: '2' }, 201);
    await seen(receiver, 'telegram', (list) => list.length === 1);
    const failed = (attempts, error) => until(`attempt ${attempts} failed`, async () => {
      const { data } = await alice.send('GET', '/notifications', undefined, 200);
      return data[0].attempts === attempts && data[0].error === error && data[0];
    });
    const first = await failed(1, 'There was no answer in time.');
    assert.equal(first.state, 'queued');
    stack.moveClock(31_000);
    await failed(2, 'The connection broke.');
    stack.moveClock(61_000);
    const [message] = await seen(receiver, 'webhook', (list) => list.length === 1);
    assert.equal(message.id, first.id, 'the same delivery');
  })],
  ['killed while it sends, it sends again, and nothing is lost', (context) => withReceiver(context, {}, async (inner) => {
    const { receiver, stack } = inner;
    const alice = await member(inner, 'alice');
    await alice.webhook();
    await receiver.do({ op: 'plan', what: 'webhook', do: 'hang' });
    await alice.send('POST', '/risk/halt', undefined, 200);
    const newest = async () => (await alice.send('GET', '/notifications', undefined, 200)).data[0];
    await until('it is being sent', async () => (await newest()).attempts === 1);
    const works = stack.processes((words) => words[0]?.endsWith('/kontor') && words.at(-1) === 'work');
    assert.equal(works.length, 1);
    process.kill(works[0], 'SIGKILL');
    stack.moveClock(125_000);
    const [message] = await seen(receiver, 'webhook', (list) => list.length === 1);
    const told = await until('it is written down', async () => {
      const one = await newest();
      return one.state === 'sent' && one;
    });
    assert.equal(told.id, message.id);
    assert.equal(told.attempts, 2);
  })],
  ['beyond the hour\'s limit one message sums the others up', (context) => withReceiver(context, { NOTIFY_PER_HOUR: '3' }, async (inner) => {
    const { receiver, stack } = inner;
    bring(stack);
    const alice = await member(inner, 'alice');
    await alice.webhook(['denied']);
    for (let i = 0; i < 8; i++) await alice.send('POST', '/trade/execute', { symbol: 'DESK', side: 'sell', quantity: '5' }, 201);
    await seen(receiver, 'webhook', (list) => list.length === 3);
    const waiting = await until('the others wait', async () => {
      const { data } = await alice.send('GET', '/notifications', undefined, 200);
      const queued = data.filter((one) => one.state === 'queued' && new Date(one.next_at) - Date.now() > 60_000);
      return queued.length === 5 && data;
    });
    assert.equal(waiting.filter((one) => one.state === 'sent').length, 3);
    stack.moveClock(3_605_000);
    await inner.people.login(alice);
    const all = await seen(receiver, 'webhook', (list) => list.length === 4);
    assert.match(all[3].text, /^5 messages since .* 5 denied/);
    assert.equal(all[3].kind, 'digest');
  })],
  ['the summary comes once a day at the user\'s own hour', (context) => withReceiver(context, {}, async (inner) => {
    const { receiver, stack } = inner;
    const alice = await member(inner, 'alice');
    await alice.send('PATCH', '/settings', { timezone: 'Pacific/Kiritimati', summary_time: '00:00' }, 200);
    await alice.webhook(['summary']);
    const admin = await inner.people.admin();
    const round = async () => {
      await inner.people.login(admin);
      const jobs = async () => (await inner.client.send('GET', '/api/v1/scheduler/jobs', { token: admin.access })).json.data.find((job) => job.name === 'summary');
      const before = await jobs();
      await inner.client.send('POST', '/api/v1/scheduler/jobs/summary/run', { token: admin.access });
      return until('the job ran', async () => (await jobs()).runs > before.runs);
    };
    await round(); /* its first look: from the next day on */
    stack.moveClock(24 * 3_600_000);
    await round();
    await round();
    const all = await seen(receiver, 'webhook', (list) => list.length > 0);
    assert.equal(all.length, 1);
    assert.match(all[0].text, /^Daily summary \(paper\)\nEquity: 10000\.00\nLast 24 hours: 0\.00\nTrades in 24 hours: 0 .*\nOpen positions: none$/);
  })],
];
