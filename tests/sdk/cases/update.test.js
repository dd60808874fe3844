'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const {
  expectEnvelope,
  expectRecent,
  expectRefusal,
  freshEmail,
  useServer,
} = require('../harness');

const server = useServer();

test('an update changes what it sends and answers the whole user', async () => {
  const { client, account } = await server.registerAndLogIn({ name: 'Ada' });

  const updated = await client.Users.update({ objectId: account.objectId, name: 'Countess' });

  assert.ok(updated instanceof Backendless.User);
  assert.equal(updated.objectId, account.objectId);
  assert.equal(updated.name, 'Countess');
  assert.equal(updated.email, account.email);
  expectRecent(updated.updated);
  assert.ok(!('password' in updated));
  assert.equal((await client.Users.getCurrentUser(true)).name, 'Countess');
});

test('properties that no user had before come back from an update', async () => {
  const { client, account } = await server.registerAndLogIn({ name: 'Ada' });

  const updated = await client.Users.update({ objectId: account.objectId, shoeSize: 42 });

  assert.equal(updated.shoeSize, 42);
  assert.equal(updated.name, 'Ada');
});

test('null clears a property and the others stay', async () => {
  const { client, account } = await server.registerAndLogIn({ name: 'Ada' });

  const updated = await client.Users.update({ objectId: account.objectId, name: null });

  assert.equal(updated.name, null);
  assert.equal(updated.email, account.email);
});

test('a user can send back the object it was given', async () => {
  const { client, user, account } = await server.registerAndLogIn();
  user.name = 'Ada';

  const updated = await client.Users.update(user);

  assert.equal(updated.name, 'Ada');
  assert.equal(updated.objectId, account.objectId);
  assert.equal(await client.Users.isValidLogin(), true);
});

test('system properties in an update are ignored', async () => {
  const { client, user, account } = await server.registerAndLogIn();
  const { 'user-token': token, ...before } = user;

  const forged = {
    ...{ created: 1, updated: 2, lastLogin: 3, ownerId: 'SOMEBODY', userStatus: 'DISABLED' },
    ...{ socialAccount: 'FACEBOOK', accountType: 'FORGED', oAuthIdentities: { google: 1 } },
    ...{ ___class: 'Admins', 'user-token': 'forged' },
  };
  const updated = await client.Users.update({ ...forged, objectId: account.objectId, name: 'Ada' });

  assert.deepEqual({ ...updated }, { ...before, name: 'Ada', updated: updated.updated });
  expectRecent(updated.updated);
  assert.equal(await server.isAlive(token), true);
  assert.equal(await client.Users.isValidLogin(), true);
  const again = await server.client();
  await again.Users.login(account.email, account.password);
});

test('an update cannot change the status of a user', async () => {
  const { client, account } = await server.registerAndLogIn();

  const change = { objectId: account.objectId, userStatus: 'GUEST', name: 'Ada' };
  const updated = await client.Users.update(change);

  assert.equal(updated.name, 'Ada');
  assert.equal(updated.userStatus, 'ENABLED');
});

test('where everything is granted, a user may update another', async () => {
  const { client, account } = await server.registerAndLogIn();
  const neighbor = await server.register({ name: 'Neighbor' });

  const updated = await client.Users.update({ objectId: neighbor.objectId, name: 'Friend' });

  assert.equal(updated.objectId, neighbor.objectId);
  assert.equal(updated.name, 'Friend');
  assert.equal(updated.email, neighbor.email);
  assert.equal(updated.ownerId, neighbor.objectId);
  assert.notEqual(updated.objectId, account.objectId);
});

test('an update of another user cannot disable that user', async () => {
  const { client } = await server.registerAndLogIn();
  const { password, ...neighbor } = await server.register();

  const updated = await client.Users.update({ ...neighbor, userStatus: 'DISABLED' });

  assert.equal(updated.userStatus, 'ENABLED');
  await client.Users.login(neighbor.email, password);
});

test('an identity that is taken is refused with 3018 and nothing changes', async () => {
  const { client, account } = await server.registerAndLogIn({ name: 'Ada' });
  const other = await server.register();

  const change = { objectId: account.objectId, email: other.email, name: 'Thief' };
  await expectRefusal(client.Users.update(change), { code: 3018 });

  const user = await client.Users.getCurrentUser(true);
  assert.equal(user.email, account.email);
  assert.equal(user.name, 'Ada');
});

test('new credentials work at once, old ones do not, and the session goes on', async () => {
  const { client, account, token } = await server.registerAndLogIn();
  const email = freshEmail();

  await client.Users.update({ objectId: account.objectId, email, password: 'a new one' });

  assert.equal(await server.isAlive(token), true);
  const elsewhere = await server.client();
  const wrong = { code: 3003 };
  await expectRefusal(elsewhere.Users.login(account.email, account.password), wrong);
  await expectRefusal(elsewhere.Users.login(email, account.password), wrong);
  assert.equal((await elsewhere.Users.login(email, 'a new one')).objectId, account.objectId);
});

test('a new password ends the other sessions of the user', async () => {
  await server.configure({ login: { multipleLogins: true } });
  const { client, account, token } = await server.registerAndLogIn();
  const elsewhere = await server.client();
  await elsewhere.Users.login(account.email, account.password);

  await client.Users.update({ objectId: account.objectId, password: 'a new one' });

  assert.equal(await server.isAlive(token), true);
  assert.equal(await elsewhere.Users.isValidLogin(), false);
});

test('an update without a login is refused with 3028', async () => {
  const { objectId } = await server.register({ name: 'Ada' });
  const stranger = await server.client();

  await expectRefusal(stranger.Users.update({ objectId, name: 'Mallory' }), { code: 3028 });

  assert.equal((await stranger.Data.of('Users').findById(objectId)).name, 'Ada');
});

test('an update of nobody creates nobody', async () => {
  const { client, token } = await server.registerAndLogIn();

  // What the SDK sends for an object without an id: PUT /users/undefined.
  await expectRefusal(client.Users.update({ name: 'Nobody' }), { code: [3028, 3030] });

  expectEnvelope(await server.call('GET', '/data/Users/undefined', { token }), { code: 1000 });
});

for (const [what, change, code] of [
  ['a password that is a number', { password: 12345 }, 3050],
  ['a name that is a number', { name: 7 }, 3049],
  ['an e-mail address without an @', { email: 'nowhere' }, 3040],
]) {
  test(`an update with ${what} is refused with ${code} and stores nothing`, async () => {
    const { client, account } = await server.registerAndLogIn({ name: 'Ada' });

    const update = client.Users.update({ objectId: account.objectId, ...change });
    await expectRefusal(update, { code, status: 400 });

    const user = await client.Users.getCurrentUser(true);
    assert.equal(user.name, 'Ada');
    assert.equal(user.email, account.email);
    await client.Users.login(account.email, account.password);
  });
}
