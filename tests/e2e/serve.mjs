/*
 * A fresh Kontor for one command: node tests/e2e/serve.mjs COMMAND...
 * The command finds KONTOR_URL and KONTOR_ADMIN_LINK in its environment, and
 * in KONTOR_STACK (JSON) how to run `kontor`; its status is ours. SERVER and PROGRAMS choose as in scripts/run; KONTOR_SETTINGS
 * is an object of settings as JSON.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { Stack, root } from './lib/stack.mjs';

const [command, ...words] = process.argv.slice(2);
const stack = new Stack({
  server: process.env.SERVER || 'nginx',
  programs: resolve(process.env.PROGRAMS || join(root, 'build')),
  web: join(root, 'build/web'),
  settings: JSON.parse(process.env.KONTOR_SETTINGS || '{}'),
});
let status = 1;
try {
  await stack.start();
  const child = spawn(command, words, {
    stdio: 'inherit',
    env: {
      ...process.env, KONTOR_URL: stack.url, KONTOR_ADMIN_LINK: stack.adminLink,
      KONTOR_CERTIFICATE: join(stack.data, 'tls/cert.pem'),
      KONTOR_STACK: JSON.stringify({
        folder: stack.folder, environment: stack.environment(),
        command: [join(stack.programs, 'kontor'), '--config', join(stack.data, 'kontor.conf')],
      }),
    },
  });
  status = await new Promise((done) => child.on('exit', (code) => done(code ?? 1)));
} catch (error) {
  console.log(error.stack);
} finally {
  if (stack.child?.exitCode === null) await stack.stop();
  if (status !== 0) console.log(stack.oldLogs.slice(-10_000));
  stack.remove();
}
process.exitCode = status;
