'use strict';

const assert = require('node:assert/strict');
const { join } = require('node:path');
const { after, before, beforeEach } = require('node:test');

const Backendless = require('backendless');

const { adminToken, appId, keys } = require('./app');
const { send } = require('./http');
const { mailsIn } = require('./mails');
const { ServerProcess } = require('./process');

const PASSWORD = 'correct horse battery staple';

/** A running server as the cases see it: SDK clients, plain calls, the operator's settings. */
class Server {
  #process;
  #initialSettings;

  /**
   * @param {object} [options]
   * @param {string|null} [options.profile] null leaves the flag out, which means `strict`
   * @param {boolean} [options.cloudCode] whether a CodeRunner key is configured
   * @param {boolean} [options.mail] whether mails are written into a folder
   * @param {boolean} [options.app] whether it has the server code of `tests/sdk/app`
   */
  constructor({ profile = 'backendless', cloudCode = true, mail = false, app = false } = {}) {
    const flags = [
      ...(profile === null ? [] : ['--profile', profile]),
      ...['--app-id', appId, '--key-js', keys.JS, '--key-rest', keys.REST],
      ...(cloudCode ? ['--key-cloudcode', keys.BL] : []),
      ...(mail ? ['--mail-folder', 'mails'] : []),
      ...['--admin-token', adminToken],
    ];
    this.#process = new ServerProcess(flags, app ? 'VESTIBULE_SDK_APP' : undefined);
  }

  async start() {
    await this.#process.start();
    this.#initialSettings = await this.settings();
  }

  stop() {
    return this.#process.stop();
  }

  /** Stops and starts the server on the same data; its port is another one afterwards. */
  restart() {
    return this.#process.restart();
  }

  get url() {
    return this.#process.url;
  }

  /** All that the server has printed so far. */
  get output() {
    return this.#process.output;
  }

  /** The mails to one address, the earliest first. */
  mailsTo(address) {
    const mails = mailsIn(join(this.#process.data, 'mails'));
    return mails.filter((mail) => mail.to === address);
  }

  /**
   * The mails to one address as soon as there are so many: a registration does not wait for its
   * mail. Other calls pass the time.
   */
  async mailsSentTo(address, count) {
    for (let attempt = 0; attempt < 2000; attempt += 1) {
      const mails = this.mailsTo(address);
      if (mails.length >= count) {
        return mails;
      }
      await this.send('GET', '/healthz');
    }
    throw new Error(`no ${count} mails came to ${address}:\n${this.output}`);
  }

  /** A new SDK client, ready to be used; every one is an instance of its own. */
  async client({ key = 'JS' } = {}) {
    return this.initApp({ appId, apiKey: keys[key], serverURL: this.url });
  }

  async initApp(config) {
    const app = Backendless.initApp({ ...config, standalone: true });
    await app.appInfoPromise();
    return app;
  }

  /** A plain call below the application's root, `/{appId}/{apiKey}`. */
  call(method, path, { key = 'JS', ...options } = {}) {
    return send(`${this.url}/${appId}/${keys[key]}${path}`, { method, ...options });
  }

  /** A plain call to any path of the server. */
  send(method, path, options = {}) {
    return send(`${this.url}${path}`, { method, ...options });
  }

  /** A call of the operator, whatever its answer. */
  askAdmin(method, path, json) {
    const headers = { authorization: `Bearer ${adminToken}` };
    return this.send(method, `/admin/api${path}`, { headers, json });
  }

  /** A call of the operator that has to succeed; its answer's body. */
  async admin(method, path, json) {
    const answer = await this.askAdmin(method, path, json);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** Makes a table with these columns: `{ name: 'STRING', kin: { type: 'RELATION', .. } }`. */
  async createTable(name, columns = {}) {
    await this.admin('POST', '/tables', { name });
    await this.addColumns(name, columns);
  }

  async addColumns(table, columns) {
    for (const [name, column] of Object.entries(columns)) {
      const definition = typeof column === 'string' ? { type: column } : column;
      await this.admin('POST', `/tables/${table}/columns`, { name, ...definition });
    }
  }

  /** The operator's view of one table, or nothing if there is no such table. */
  async table(name) {
    return (await this.admin('GET', '/tables')).find((table) => table.name === name);
  }

  settings() {
    return this.admin('GET', '/settings');
  }

  /** Changes the app's settings; they are put back before the next case. */
  configure(changes) {
    return this.admin('PATCH', '/settings', changes);
  }

  async resetSettings() {
    assert.deepEqual(await this.configure(this.#initialSettings), this.#initialSettings);
  }

  /** Registers somebody new: the user object, with the e-mail address and password that log in. */
  async register(properties = {}) {
    const account = { email: freshEmail(), password: PASSWORD, ...properties };
    const answer = await this.call('POST', '/users/register', { json: account });
    assert.equal(answer.status, 200, answer.text);
    return { ...answer.body, password: account.password };
  }

  /** Registers somebody new and logs in with the SDK. */
  async registerAndLogIn({ key, ...properties } = {}) {
    const account = await this.register(properties);
    const client = await this.client({ key });
    const user = await client.Users.login(account.email, account.password);
    return { account, client, user, token: user['user-token'] };
  }

  /** Whether a token is alive, asked without disturbing any client. */
  async isAlive(token) {
    const answer = await this.call('GET', `/users/isvalidusertoken/${token}`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(typeof answer.body, 'boolean', answer.text);
    return answer.body;
  }
}

/**
 * A server for all cases of one file, with fresh settings for each of them.
 *
 * What the cases share is made in `prepare`, which is given the running server: a `before` of their
 * own would not wait, since Node starts all such hooks of a file at once.
 */
function useServer(options, prepare = async () => {}) {
  const server = new Server(options);
  before(async () => {
    await server.start();
    await prepare(server);
  });
  beforeEach(() => server.resetSettings());
  after(() => server.stop());
  return server;
}

/** The two kinds of relation, as columns for `createTable`. */
const toOne = (toTable) => ({ type: 'RELATION', toTable, cardinality: 'ONE_TO_ONE' });
const toMany = (toTable) => ({ type: 'RELATION', toTable, cardinality: 'ONE_TO_MANY' });

let tables = 0;

/** The name of a table that no other case of the file uses. */
function freshTable() {
  tables += 1;
  return `Table${tables}`;
}

let addresses = 0;

function freshEmail() {
  addresses += 1;
  return `someone-${process.pid}-${addresses}@example.com`;
}

module.exports = { Server, useServer, freshEmail, freshTable, toMany, toOne, PASSWORD };
