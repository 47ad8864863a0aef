/* The peer behind the same web server: installed once, started on a socket. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../e2e/lib/wait.mjs';

const here = dirname(fileURLToPath(import.meta.url));

export class Peer {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'kontor-peer-'));
    this.socket = join(this.folder, 'peer.sock');
  }

  async start() {
    if (!existsSync(join(here, 'node_modules/fastify')))
      execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here, stdio: 'inherit' });
  }

  /* For the server block of our web server. */
  location(server) {
    return server === 'nginx'
      ? `\n\t\tlocation = /bench/fastify { proxy_pass http://unix:${this.socket}:; }`
      : `\n$HTTP["url"] == "/bench/fastify" { server.modules += ("mod_proxy")\n` +
        `proxy.server = ("" => (("host" => "${this.socket}"))) }`;
  }

  async use(bodies) {
    const file = join(this.folder, 'accounts');
    writeFileSync(file, bodies.join('\n'));
    this.child = spawn(process.execPath, [join(here, 'server.mjs'), this.socket, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    this.child.stdout.on('data', (more) => (text += more));
    await until('the peer listens', () => text.includes('READY'));
  }

  async end() {
    if (this.child?.exitCode === null) {
      this.child.kill('SIGTERM');
      await new Promise((done) => this.child.on('exit', done));
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
