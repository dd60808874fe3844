'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  deadToken,
  expectEnvelope,
  freshEmail,
  PASSWORD,
  Server,
  useServer,
} = require('../harness');

let account;
let alive;
let dead;

const server = useServer({}, async (started) => {
  ({ account, token: alive } = await started.registerAndLogIn());
  const middle = Math.floor(alive.length / 2);
  const other = alive[middle] === 'A' ? 'B' : 'A';
  dead = {
    'never issued': 'a-token-nobody-issued',
    'logged out': await loggedOut(),
    'displaced by a second login': await displaced(),
    'of another server': await issuedElsewhere(),
    'of an unfamiliar shape': '12345',
    'one character away from a living one':
      alive.slice(0, middle) + other + alive.slice(middle + 1),
    'a living one with something behind it': `${alive}A`,
    'a living one without its end': alive.slice(0, -4),
    'a living one in another case': swapCase(alive),
    'the id of a user': account.objectId,
    'very long': 'x'.repeat(6_000),
    'no text for a web page': '<script>alert(1)</script>',
    SQL: "' or 1=1 --",
  };
});

async function loggedOut() {
  const { client, token } = await server.registerAndLogIn();
  await client.Users.logout();
  return token;
}

async function displaced() {
  const {
    client,
    token,
    account: { email, password },
  } = await server.registerAndLogIn();
  await client.Users.login(email, password);
  return token;
}

async function issuedElsewhere() {
  const another = new Server();
  await another.start();
  const { token } = await another.registerAndLogIn();
  await another.stop();
  return token;
}

function swapCase(text) {
  return text.replace(/[A-Za-z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

/** Runs a check for every kind of dead token, and says which one failed. */
async function forEachDead(check) {
  for (const [kind, token] of Object.entries(dead)) {
    try {
      await check(token);
    } catch (error) {
      throw new Error(`a token ${kind}: ${error.message}`, { cause: error });
    }
  }
}

test('a dead token is no login', async () => {
  await forEachDead(async (token) => {
    assert.equal(await server.isAlive(encodeURIComponent(token)), false);
  });
  assert.equal(await server.isAlive(alive), true);
});

for (const [what, method, path, options] of [
  ['logging out', 'GET', '/users/logout'],
  ['asking for roles', 'GET', '/users/userroles'],
  ['describing users', 'GET', '/users/userclassprops'],
  ['reading a user', 'GET', '/users/{user}'],
  ['reading a record', 'GET', '/data/Users/{user}'],
  ['reading a record that does not exist', 'GET', '/data/Users/NOBODY'],
  ['finding', 'POST', '/data/Users/find', { json: {} }],
  ['updating', 'PUT', '/users/{user}', { json: { name: 'Mallory' } }],
  [
    'verifying a password',
    'POST',
    '/users/verifypassowrd',
    { json: { password: PASSWORD }, key: 'BL' },
  ],
]) {
  test(`${what} with a dead token is refused with 3064`, async () => {
    await forEachDead(async (token) => {
      const answer = await server.call(method, path.replace('{user}', account.objectId), {
        ...options,
        token,
      });
      expectEnvelope(answer, { code: 3064, status: 401 });
    });
  });
}

test('the refusal repeats at most 64 harmless characters of the token', async () => {
  const refusal = async (token) => server.call('GET', '/users/userroles', { token });

  for (const token of [
    'invalid-token',
    'A.b_c-9',
    'x'.repeat(64),
    'x'.repeat(65),
    'x'.repeat(6_000),
  ]) {
    expectEnvelope(await refusal(token), deadToken(token));
  }
  assert.doesNotMatch((await refusal('<script>alert(1)</script>')).body.message, /[<>()]/);
});

test('a dead token does not matter where it is not needed', async () => {
  const { email, password } = account;
  await forEachDead(async (token) => {
    for (const [method, path, json] of [
      ['GET', '/info'],
      ['POST', '/users/register/guest'],
      ['POST', '/users/register', { email: freshEmail(), password: PASSWORD }],
      ['POST', '/users/login', { login: email, password }],
      ['GET', '/users/isvalidusertoken/whatever'],
    ]) {
      const answer = await server.call(method, path, { json, token });
      assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
    }
  });
});

test('a dead token in the domain form is dead as well', async () => {
  const answer = await server.send('GET', '/api/users/userroles', { token: dead['logged out'] });

  expectEnvelope(answer, deadToken(dead['logged out']));
});

test('the words null and undefined are dead tokens', async () => {
  expectEnvelope(await server.call('GET', '/users/logout', { token: 'null' }), { code: 3064 });
  expectEnvelope(await server.call('GET', '/users/logout', { token: 'undefined' }), { code: 3064 });
});
