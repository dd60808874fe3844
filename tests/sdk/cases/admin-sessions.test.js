'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

const server = useServer();

/** Somebody who is logged in twice, with two clients. */
async function twice() {
  await server.configure({ login: { multipleLogins: true } });
  const { account, client: first, token } = await server.registerAndLogIn();
  const second = await server.client();
  await second.Users.login(account.email, account.password);
  return { account, first, token, second, path: `/users/${account.objectId}/sessions` };
}

test('the operator sees the sessions of a user, and no token', async () => {
  const { token, path } = await twice();

  const answer = await server.askAdmin('GET', path);

  assert.equal(answer.body.length, 2);
  for (const session of answer.body) {
    assert.deepEqual(Object.keys(session).sort(), ['alive', 'created', 'expires', 'id', 'lastUsed']);
    assert.equal(session.alive, true);
    assert.ok(session.expires > session.lastUsed && session.lastUsed >= session.created);
  }
  for (const part of token.split('.')) {
    assert.ok(!answer.text.includes(part), 'a part of a token is told');
  }
});

test('a session that the operator ends is dead for the SDK from the next call on', async () => {
  const { first, second, path } = await twice();
  const [latest] = await server.admin('GET', path);

  await server.admin('DELETE', `${path}/${latest.id}`);

  await expectRefusal(second.Users.getCurrentUser(true), { code: 3064, status: 401 });
  assert.equal(await first.Users.isValidLogin(), true);
  assert.equal((await server.admin('GET', path)).length, 1);
});

test('all sessions of a user end at once, and the user may log in again', async () => {
  const { account, first, second, path } = await twice();

  await server.admin('DELETE', path);

  assert.equal(await first.Users.isValidLogin(), false);
  assert.equal(await second.Users.isValidLogin(), false);
  assert.deepEqual(await server.admin('GET', path), []);
  await first.Users.login(account.email, account.password);
});

test('who or what is not there is refused', async () => {
  const { path } = await twice();

  for (const method of ['GET', 'DELETE']) {
    expectEnvelope(await server.askAdmin(method, '/users/NOBODY/sessions'), { code: 3057 });
  }
  expectEnvelope(await server.askAdmin('DELETE', `${path}/nothing`), { code: 1000 });
  expectEnvelope(await server.askAdmin('GET', `${path}?pageSize=0`), { status: 400, code: 8008 });
});

test('sessions are the business of the operator alone', async () => {
  const { first, token, path } = await twice();
  const headers = { 'user-token': token };

  for (const method of ['GET', 'DELETE']) {
    const answer = await server.send(method, `/admin/api${path}`, { headers });
    expectEnvelope(answer, { status: 401 });
  }
  assert.equal(await first.Users.isValidLogin(), true);
});
