/* tests/notify/stand_in.mjs: Telegram, a webhook's receiver, a mail server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { root } from './stack.mjs';

export class Receiver {
  static async start() {
    const receiver = new Receiver();
    receiver.child = spawn('node', [join(root, 'tests/notify/stand_in.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    receiver.lines = createInterface({ input: receiver.child.stdout })[Symbol.asyncIterator]();
    Object.assign(receiver, await receiver.line());
    return receiver;
  }

  async line() {
    return JSON.parse((await this.lines.next()).value);
  }

  async do(command) {
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = await this.line();
    assert.ok(answer.ok, answer.error);
    return answer;
  }

  stop() {
    this.child.stdin.end();
  }

  /* What Kontor needs to be told to find it. */
  get settings() {
    return {
      TELEGRAM_URL: `http://127.0.0.1:${this.port}`, SMTP_URL: `smtp://127.0.0.1:${this.smtp}`,
      SMTP_FROM: 'kontor@example.org', WEBHOOK_HOSTS: '127.0.0.1',
    };
  }
}
