'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { PASSWORD, expectRefusal, freshEmail, unknownRecord, useServer } = require('../harness');

const code = { type: 'STRING', size: 20, required: true, unique: true };
const server = useServer({ profile: null }, (started) => started.createTable('Order', { code }));

const codes = (rows) => rows.map((row) => row.code);

test('a guest registers, and a colleague with a role sees the order at once', async () => {
  const shop = await server.client();
  const guest = await shop.Users.loginAsGuest(true);
  const order = await shop.Data.of('Order').save({ code: 'A1' });
  const { objectId } = guest;
  assert.equal(order.ownerId, objectId);
  await shop.Users.register({ objectId, email: freshEmail(), password: PASSWORD });
  assert.equal((await shop.Data.of('Order').findById(order.objectId)).code, 'A1');

  // Somebody else is told nothing of it.
  const { client, user } = await server.registerAndLogIn();
  const orders = client.Data.of('Order');
  const hidden = unknownRecord(order.objectId);
  await expectRefusal(orders.findById(order.objectId), hidden);
  assert.deepEqual(await orders.find(), []);
  assert.equal(await orders.getObjectCount(), 0);

  // A role that may find every order says nothing to whoever does not have it.
  await server.admin('POST', '/roles', { name: 'Support' });
  const cell = { role: 'Support', resource: 'data:Order', operation: 'FIND', access: 'GRANT' };
  assert.deepEqual(await server.admin('PUT', '/permissions', cell), cell);
  assert.deepEqual(await orders.find(), []);

  // It counts from the next call on, for the session that there is, and for no more than it says.
  await server.admin('POST', `/users/${user.objectId}/roles`, { role: 'Support' });
  const roles = ['AuthenticatedUser', 'JSUser', 'Support'];
  assert.deepEqual((await client.Users.getUserRoles()).sort(), roles);
  assert.deepEqual(codes(await orders.find()), ['A1']);
  assert.equal((await orders.findById(order.objectId)).ownerId, objectId);
  const change = { objectId: order.objectId, code: 'B2' };
  await expectRefusal(orders.save(change), { code: 1012, status: 403 });
  await expectRefusal(orders.remove(order.objectId), { code: 1014, status: 403 });
  const shared = client.Data.Permissions.FIND.grantForAllUsers({ ...order, ___class: 'Order' });
  await expectRefusal(shared, { code: 1023, status: 403 });

  await server.admin('DELETE', `/users/${user.objectId}/roles/Support`);
  await expectRefusal(orders.findById(order.objectId), hidden);
  assert.deepEqual(await orders.find(), []);
});

test('an owner shares one record with one user, step by step, without the operator', async () => {
  const owner = await server.registerAndLogIn();
  const reader = await server.registerAndLogIn();
  const order = await owner.client.Data.of('Order').save({ code: 'C3' });
  await owner.client.Data.of('Order').save({ code: 'C4' });
  const record = { ...order, ___class: 'Order' };
  const { FIND, UPDATE } = owner.client.Data.Permissions;
  const orders = reader.client.Data.of('Order');
  const change = { objectId: order.objectId, code: 'D5' };

  await FIND.grantForUser(reader.user.objectId, record);
  assert.deepEqual(codes(await orders.find()), ['C3']);
  await expectRefusal(orders.save(change), { code: 1012 });

  await UPDATE.grantForUser(reader.user.objectId, record);
  assert.equal((await orders.save(change)).ownerId, owner.user.objectId);

  await FIND.denyForUser(reader.user.objectId, record);
  assert.deepEqual(await orders.find(), []);
  await expectRefusal(orders.save(change), unknownRecord(order.objectId));
});
