'use strict';

/**
 * A page that can be closed and opened again.
 *
 * The SDK keeps a login in `localStorage` where it finds a browser, and nowhere else; it looks once,
 * when it is loaded. So a tab is a process of its own: this file, run as a child, dresses up as a
 * browser with a `localStorage` kept in a file, loads the SDK and does what its opener asks.
 */

const { fork } = require('node:child_process');
const fs = require('node:fs');

/** Opens a tab on a store; `config` goes to `initApp`. */
async function openTab(storeFile, config) {
  const child = fork(__filename, [storeFile, JSON.stringify(config)]);
  const answers = [];
  child.on('message', (answer) => answers.shift()?.(answer));
  const closed = new Promise((resolve) => child.once('exit', resolve));
  closed.then((code) =>
    answers.splice(0).forEach((give) => give({ error: { message: `exit ${code}` } })),
  );

  async function ask(question) {
    const answer = await new Promise((resolve) => {
      answers.push(resolve);
      child.send(question);
    });
    if (answer.error) {
      throw Object.assign(new Error(answer.error.message), answer.error);
    }
    return answer.value;
  }

  return {
    /** Calls a method of `Backendless.Users` in the tab. */
    users: (method, ...args) => ask({ method, args }),
    /** What `GET /info` gave this tab, when it was opened. */
    info: () => ask({ info: true }),
    close: () => {
      child.disconnect();
      return closed;
    },
  };
}

function browserStorage(file) {
  const read = () => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {});
  const write = (items) => fs.writeFileSync(file, JSON.stringify(items));
  return {
    getItem: (key) => read()[key] ?? null,
    setItem: (key, value) => write({ ...read(), [key]: String(value) }),
    removeItem: (key) => {
      const { [key]: _removed, ...rest } = read();
      write(rest);
    },
  };
}

function run(storeFile, config) {
  globalThis.self = globalThis;
  globalThis.window = globalThis;
  globalThis.localStorage = browserStorage(storeFile);
  const Backendless = require('backendless');
  Backendless.initApp(config);

  process.on('message', async ({ info, method, args }) => {
    try {
      const value = await (info
        ? Backendless.appInfoPromise()
        : Backendless.Users[method](...args));
      process.send({ value: value ?? null });
    } catch ({ message, code, status }) {
      process.send({ error: { message, code, status } });
    }
  });
}

if (require.main === module) {
  run(process.argv[2], JSON.parse(process.argv[3]));
}

module.exports = { openTab };
