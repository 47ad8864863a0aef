/*
 * End-to-end tests: the real programs behind the real web server, as
 * `make run` starts them.
 *
 *   node tests/e2e/run.mjs [--server nginx|lighttpd] [--programs FOLDER]
 *     [--web FOLDER] [--only TEXT]
 *
 * Every case in cases/ and every test in scenarios/ is one line of output, the
 * last line is the sum. A scenario module exports `tests`, a list of
 * [title, async (context) => ...]; a test may return a remark that is printed.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kept } from './lib/client.mjs';
import { parseCases, runCase } from './lib/case.mjs';
import { People } from './lib/people.mjs';
import { Stack, root } from './lib/stack.mjs';
import { Plaid } from '../bank/stand_in.mjs';

/* In this order: the first makes the admin, the last ones break things. */
const SCENARIOS = ['setup', 'static', 'docs', 'headers', 'transport', 'hostile', 'isolation', 'secrets', 'tour',
  'refresh', 'session', 'revocation', 'admin', 'queue', 'pools', 'metrics', 'cache', 'signals', 'paper_runs', 'orders', 'hooks', 'market', 'desk', 'once', 'live', 'live_runs', 'bank', 'clock', 'rates', 'work', 'notify', 'runs', 'crash', 'soak', 'backup', 'coverage', 'lifecycle'];
/* About what `kontor work` does: which web server is in front makes no
   difference, so nginx alone. Coverage counts their calls. */
const BEHIND_ONE = new Set(['signals', 'paper_runs', 'market', 'live', 'live_runs', 'bank', 'work', 'notify', 'runs', 'crash', 'soak', 'coverage']);
const FAULTS = /ERROR: AddressSanitizer|runtime error:|LeakSanitizer|ERROR: .*Sanitizer/;

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nginx' },
    programs: { type: 'string', default: resolve(root, 'build/asan') },
    web: { type: 'string', default: resolve(root, 'build/web') },
    only: { type: 'string', default: '' },
  },
});

async function load() {
  const folder = new URL('./', import.meta.url);
  const list = [];
  for (const file of readdirSync(new URL('cases/', folder)).sort())
    for (const one of parseCases(readFileSync(new URL(`cases/${file}`, folder), 'utf8'), file))
      list.push({ title: `${file.replace('.case', '')}: ${one.title}`, run: (context) => runCase(one, context.people) });
  for (const name of SCENARIOS.filter((one) => options.server === 'nginx' || !BEHIND_ONE.has(one))) {
    const { tests } = await import(`./scenarios/${name}.mjs`);
    const added = tests.map(([title, run]) => ({ title: `${name}: ${title}`, run, always: name === 'lifecycle' }));
    if (name === 'setup') list.unshift(...added);
    else list.push(...added);
  }
  return list.filter((test) => test.title.includes(options.only));
}

function makeStack(more = {}) {
  return new Stack({
    server: options.server, programs: resolve(options.programs), web: resolve(options.web), ...more,
  });
}

class Tally {
  number = 0;
  failed = 0;

  async run(title, work, logged) {
    this.number++;
    const began = Date.now();
    try {
      const remark = await work();
      const spent = (Date.now() - began) / 1000;
      console.log(`ok ${this.number} - ${title} # ${remark ? `${remark}, ` : ''}${spent.toFixed(1)} s`);
    } catch (error) {
      this.failed++;
      console.log(`not ok ${this.number} - ${title}`);
      console.log(String(error.stack ?? error).replace(/^/gm, '  '));
      console.log(logged().replace(/^/gm, '  | '));
    }
  }
}

/* The reports of sanitizers, each with what follows it. */
const complaints = (text) => text.split('\n').flatMap((line, i, all) => (FAULTS.test(line) ? all.slice(i, i + 25) : [])).join('\n');

const tally = new Tally();
const plaid = await new Plaid().start();
const stack = makeStack({ settings: plaid.settings });
try {
  if (!existsSync(resolve(options.programs, 'kontor.fcgi')))
    throw new Error(`no programs in ${options.programs}: make asan`);
  await stack.start();
  console.log(`# ${options.server}, ${options.programs}, started in ${stack.startMs} ms`);
  const context = { stack, people: new People(stack), client: stack.client, makeStack, options, plaid };
  for (const test of await load()) {
    const before = stack.logs();
    await tally.run(test.title, () => test.run(context), () => stack.logged(before));
  }
} catch (error) {
  tally.failed++;
  console.log(`not ok - the stack\n${error.stack}\n${stack.logged()}`);
} finally {
  if (stack.child?.exitCode === null) await stack.stop().catch((error) => console.log(error.stack));
  await tally.run('no sanitizer complained', () => {
    if (FAULTS.test(stack.oldLogs)) throw new Error('they did');
  }, () => complaints(stack.oldLogs));
  stack.remove();
  await plaid.stop();
  kept.destroy();
}
console.log(`${tally.number - tally.failed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
