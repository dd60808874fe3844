'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

const COLUMNS = '/tables/Users/columns';

// The cases build on one another: a column that was the identity once stays required.
const server = useServer();

const identify = (column) => server.askAdmin('PATCH', `${COLUMNS}/${column}`, { identity: true });

test('a column in which users have nothing is refused, and email stays the login', async () => {
  await server.addColumns('Users', { nick: 'STRING' });
  const account = await server.register();

  const answer = await identify('nick');

  expectEnvelope(answer, { status: 400, code: 1156 });
  const client = await server.client();
  await client.Users.login(account.email, account.password);
  const edit = { nick: 'the-first' };
  await server.admin('PATCH', `/tables/Users/rows/${account.objectId}`, edit);
});

test('users log in with the nick, in any case of letters, or with a number', async () => {
  assert.equal((await identify('nick')).status, 200);
  const ann = await server.register({ nick: 'Ann' });
  const number = await server.register({ nick: '4711' });
  const client = await server.client();

  const user = await client.Users.login('ANN', ann.password);

  assert.equal(user.objectId, ann.objectId);
  assert.equal((await client.Users.login(4711, number.password)).objectId, number.objectId);
  await expectRefusal(client.Users.login(ann.email, ann.password), { code: 3003, status: 401 });
});

test('the codes follow the identity, and describe tells which it is', async () => {
  const client = await server.client();
  const newcomer = { email: 'new@example.com', password: 'secret' };

  await expectRefusal(client.Users.register(newcomer), { code: 3013 });
  await expectRefusal(client.Users.register({ ...newcomer, nick: 'ann' }), { code: 3033 });

  const described = await client.Users.describeUserClass();
  const identities = described.filter(({ identity }) => identity);
  assert.deepEqual(
    identities.map(({ name }) => name),
    ['nick'],
  );
});

test('a guest keeps its id when it registers with a nick', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();

  await client.Users.register({
    objectId: guest.objectId,
    email: 'guest@example.com',
    nick: 'no guest',
    password: 'secret',
  });

  const user = await client.Users.login('no guest', 'secret');
  assert.equal(user.objectId, guest.objectId);
});
