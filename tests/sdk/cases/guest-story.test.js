'use strict';

/** The story that the documentation of guests tells: come in, order, register, come back. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');

const Backendless = require('backendless');

const { appId, freshEmail, keys, toMany, toOne, useServer, PASSWORD } = require('../harness');
const { openTab } = require('../harness/browser-tab');

const server = useServer({}, async (started) => {
  await started.createTable('Product', { title: 'STRING' });
  await started.createTable('Order', { total: 'DOUBLE', products: toMany('Product') });
  await started.addColumns('Users', { orders: toMany('Order'), favorite: toOne('Product') });
});

let folder;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vestibule-guests-'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A guest who has ordered something; the order hangs on the guest by a relation. */
async function guestWithOrder() {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();
  const tea = await client.Data.of('Product').save({ title: 'Tea' });
  const order = await client.Data.of('Order').save({ total: 7.5 });
  await client.Data.of('Order').addRelation(order, 'products', [tea]);
  await client.Data.of('Users').addRelation(guest, 'orders', [order]);
  return { client, guest, token: guest['user-token'], order, tea };
}

/** The ids of the orders that hang on a user, as the user's own client loads them. */
async function ordersOf(client, user) {
  const query = Backendless.LoadRelationsQueryBuilder.create().setRelationName('orders');
  const orders = await client.Data.of('Users').loadRelations(user.objectId, query);
  return orders.map((order) => order.objectId);
}

test('a guest orders, registers, and logs in with the new password: the order is still theirs', async () => {
  const { client, guest, token, order, tea } = await guestWithOrder();
  assert.equal(order.ownerId, guest.objectId);

  const email = freshEmail();
  const registered = await client.Users.register({
    objectId: guest.objectId,
    email,
    password: PASSWORD,
    name: 'Ann',
    age: 42,
  });

  assert.equal(registered.objectId, guest.objectId);
  assert.equal(registered.userStatus, 'ENABLED');
  assert.deepEqual([registered.email, registered.name, registered.age], [email, 'Ann', 42]);
  assert.ok(!('password' in registered) && !('user-token' in registered));

  // The session goes on, in the role of a registered user.
  assert.equal(await server.isAlive(token), true);
  assert.deepEqual(await ordersOf(client, registered), [order.objectId]);
  const roles = await server.call('GET', '/users/userroles', { token });
  assert.ok(roles.body.includes('AuthenticatedUser'), roles.text);
  assert.ok(!roles.body.includes('GuestUser'), roles.text);

  const elsewhere = await server.client();
  const user = await elsewhere.Users.login(email, PASSWORD);
  assert.equal(user.objectId, guest.objectId);
  assert.deepEqual([user.name, user.age, user.userStatus], ['Ann', 42, 'ENABLED']);
  assert.deepEqual(await ordersOf(elsewhere, user), [order.objectId]);
  const kept = await elsewhere.Data.of('Order').findById(order.objectId, {
    relations: ['products'],
  });
  assert.equal(kept.ownerId, user.objectId);
  assert.deepEqual(
    kept.products.map((product) => product.objectId),
    [tea.objectId],
  );
});

test('the guest object itself can be registered, token and status and all', async () => {
  const { client, guest, order } = await guestWithOrder();
  const email = freshEmail();
  guest.email = email;
  guest.password = PASSWORD;

  const registered = await client.Users.register(guest);

  assert.ok(registered instanceof Backendless.User);
  assert.equal(registered.objectId, guest.objectId);
  assert.equal(registered.userStatus, 'ENABLED');
  const elsewhere = await server.client();
  const user = await elsewhere.Users.login(email, PASSWORD);
  assert.deepEqual(await ordersOf(elsewhere, user), [order.objectId]);
});

test('the whole row of a guest can be registered, with all that the server has in it', async () => {
  const { client, guest, order } = await guestWithOrder();
  const email = freshEmail();
  const row = await client.Users.getCurrentUser(true);

  const registered = await client.Users.register({ ...row, email, password: PASSWORD });

  assert.deepEqual(
    [registered.objectId, registered.ownerId, registered.userStatus, registered.created],
    [guest.objectId, guest.objectId, 'ENABLED', row.created],
  );
  const elsewhere = await server.client();
  const user = await elsewhere.Users.login(email, PASSWORD);
  assert.deepEqual(await ordersOf(elsewhere, user), [order.objectId]);
});

test('a guest who stays logged in registers after a restart of the browser', async () => {
  const store = path.join(folder, 'store.json');
  const config = { appId, apiKey: keys.JS, serverURL: server.url };
  const tab = await openTab(store, config);
  const guest = await tab.users('loginAsGuest', true);
  await tab.close();

  const reopened = await openTab(store, config);
  assert.equal(await reopened.users('isValidLogin'), true);
  const email = freshEmail();
  const account = { objectId: guest.objectId, email, password: PASSWORD };
  const registered = await reopened.users('register', account);
  assert.equal(registered.objectId, guest.objectId);
  await reopened.close();

  // The stored token was the guest's; now it is the user's.
  const again = await openTab(store, config);
  assert.equal(await again.users('isValidLogin'), true);
  const user = await again.users('getCurrentUser', true);
  assert.deepEqual([user.objectId, user.email, user.userStatus], [guest.objectId, email, 'ENABLED']);
  await again.close();
});

test('a guest and its orders outlive a restart of the server, and register then', async () => {
  const { guest, token, order } = await guestWithOrder();

  await server.restart();

  assert.equal(await server.isAlive(token), true);
  const email = freshEmail();
  const answer = await server.call('POST', '/users/register', {
    token,
    json: { objectId: guest.objectId, email, password: PASSWORD },
  });
  assert.equal(answer.status, 200, answer.text);
  const client = await server.client();
  const user = await client.Users.login(email, PASSWORD);
  assert.deepEqual(await ordersOf(client, user), [order.objectId]);
});
