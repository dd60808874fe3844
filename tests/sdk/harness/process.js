'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Database } = require('./database');

const LISTENING = /listening on (http:\/\/\S+)/;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;

// The test runner ends a file that takes too long with this signal; our own end takes the servers
// and their folders along.
process.once('SIGTERM', () => process.exit(143));

/** One `vestibule serve` on a data folder of its own: starts, tells its URL, stops, cleans up. */
class ServerProcess {
  /**
   * @param {string[]} flags what follows `serve --listen 127.0.0.1:0 --data DIR`
   * @param {string} [variable] the environment variable that names the program
   */
  constructor(flags, variable = 'VESTIBULE_BINARY') {
    this.flags = flags;
    this.variable = variable;
    this.output = '';
  }

  async start() {
    this.data ??= fs.mkdtempSync(path.join(os.tmpdir(), 'vestibule-sdk-'));
    this.database ??= Database.make();
    const args = ['serve', '--listen', '127.0.0.1:0', '--data', this.data];
    args.push(...this.database.flags, ...this.flags);
    this.child = spawn(binary(this.variable), args, {
      // Its own folder and a bare environment: no vestibule.toml and no variable of whoever runs
      // the suite may change what is tested.
      cwd: this.data,
      env: withoutOurVariables(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // For a case file that dies half-way; after a clean stop there is nothing left to do.
    this.abandon ??= () => this.#discard();
    process.once('exit', this.abandon);
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ error }));
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.url = await this.#listening();
  }

  /** Ends the server as an operator would, and insists on a clean end. */
  async stop({ keepData = false } = {}) {
    try {
      this.child.kill('SIGTERM');
      const end = await within(STOP_LIMIT_MS, this.exited, 'the server ignored SIGTERM');
      assert.deepEqual(
        end,
        { code: 0, signal: null },
        `unclean end of the server:\n${this.output}`,
      );
      assert.doesNotMatch(this.output, /panicked at/, 'the server panicked');
    } finally {
      process.removeListener('exit', this.abandon);
      this.#discard({ keepData });
    }
  }

  async restart() {
    await this.stop({ keepData: true });
    await this.start();
  }

  #listening() {
    let stdout = '';
    const found = new Promise((resolve) => {
      this.child.stdout.setEncoding('utf8').on('data', (text) => {
        this.output += text;
        stdout += text;
        const match = LISTENING.exec(stdout);
        if (match) {
          resolve(match[1].replace(/\/$/, ''));
        }
      });
      this.child.stderr.setEncoding('utf8').on('data', (text) => {
        this.output += text;
      });
    });
    const ended = this.exited.then((end) => {
      throw new Error(`the server ended before it listened: ${describe(end)}\n${this.output}`);
    });
    ended.catch(() => {});
    return within(START_LIMIT_MS, Promise.race([found, ended]), 'the server never listened').catch(
      (error) => {
        this.#discard();
        throw error;
      },
    );
  }

  #discard({ keepData = false } = {}) {
    this.child.kill('SIGKILL');
    if (!keepData) {
      // Retried, since a server that was killed may still be writing.
      fs.rmSync(this.data, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      this.database.drop();
    }
  }
}

function binary(variable) {
  const file = process.env[variable];
  if (!file) {
    throw new Error(`${variable} must name the built server; \`./tests/run sdk\` sets it`);
  }
  return path.resolve(file);
}

function withoutOurVariables(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VESTIBULE_')));
}

function describe({ error, code, signal }) {
  return error ? error.message : signal ? `signal ${signal}` : `exit code ${code}`;
}

function within(milliseconds, promise, complaint) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${complaint} within ${milliseconds} ms`)),
      milliseconds,
    );
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

module.exports = { ServerProcess };
