'use strict';

const { execFileSync } = require('node:child_process');

let made = 0;

/**
 * Where a server keeps its data: in its data folder, or in a database of its own of the PostgreSQL
 * that `VESTIBULE_SDK_POSTGRES` names (`postgres://USER@HOST:PORT`; `./tests/run sdk-postgres` sets it).
 */
class Database {
  static make() {
    const server = process.env.VESTIBULE_SDK_POSTGRES;
    if (!server) {
      return new Database();
    }
    made += 1;
    const name = `vestibule_sdk_${process.pid}_${made}`;
    psql(server, `CREATE DATABASE ${name}`);
    return new Database(server, name);
  }

  /** @private */
  constructor(server, name) {
    this.server = server;
    this.name = name;
  }

  /** What the server is told of it. */
  get flags() {
    return this.name ? ['--database', `${this.server}/${this.name}`] : [];
  }

  drop() {
    if (this.name) {
      // Whoever is connected still is a server that was killed.
      psql(this.server, `DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
    }
  }
}

function psql(server, statement) {
  // Synchronous, since the end of the process waits for nothing else.
  execFileSync('psql', ['--quiet', '--no-psqlrc', '--command', statement, `${server}/postgres`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

module.exports = { Database };
