/* A Redis of our own on a socket in a temporary folder. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../e2e/lib/wait.mjs';

export class Redis {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'kontor-redis-'));
    this.socket = join(this.folder, 'redis.sock');
    this.url = `unix://${this.socket}`;
  }

  async start() {
    this.child = spawn('redis-server', ['--port', '0', '--unixsocket', this.socket, '--save', '', '--appendonly', 'no',
      '--dir', this.folder, '--maxmemory', '64mb', '--maxmemory-policy', 'noeviction'], { stdio: 'ignore' });
    await until('Redis answers', () =>
      spawnSync('redis-cli', ['-s', this.socket, 'ping'], { encoding: 'utf8' }).stdout?.trim() === 'PONG');
  }

  async end() {
    if (this.child?.exitCode === null) {
      this.child.kill('SIGTERM');
      await new Promise((done) => this.child.on('exit', done));
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
