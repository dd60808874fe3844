'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectRefusal, freshTable, unknownRecord, useServer } = require('../harness');

const OPERATIONS = ['FIND', 'REMOVE', 'UPDATE'];

let client;
let ann;

const server = useServer({}, async (started) => {
  client = await started.client();
  ann = await started.registerAndLogIn({ name: 'Ann' });
});

/** A record in a table of its own, made by nobody in particular. */
function record() {
  return client.Data.of(freshTable()).save({ name: 'x' });
}

const of = (app, { ___class }) => app.Data.of(___class);

for (const operation of OPERATIONS) {
  test(`whoever is not logged in grants and denies ${operation} in all eight ways`, async () => {
    const object = await record();
    const permission = client.Data.Permissions[operation];
    const { objectId } = ann.account;

    await permission.grantForUser(objectId, object);
    await permission.grantForRole('AuthenticatedUser', object);
    await permission.grantForAllUsers(object);
    await permission.grantForAllRoles(object);
    await permission.denyForUser(objectId, object);
    await permission.denyForRole('AuthenticatedUser', object);
    await permission.denyForAllUsers(object);
    await permission.denyForAllRoles(object);
  });
}

test('what was denied to all is given back, although nobody finds it', async () => {
  const object = await record();
  for (const operation of OPERATIONS) {
    await client.Data.Permissions[operation].denyForAllRoles(object);
  }
  await expectRefusal(of(client, object).findById(object.objectId), unknownRecord(object.objectId));

  for (const operation of OPERATIONS) {
    await client.Data.Permissions[operation].grantForAllRoles(object);
  }
  assert.equal((await of(client, object).findById(object.objectId)).name, 'x');
});

test('a record that a user may not find is left out for that user', async () => {
  const object = await record();
  const other = await of(client, object).save({ name: 'y' });
  await client.Data.Permissions.FIND.denyForUser(ann.account.objectId, object);

  const found = await of(ann.client, object).find();
  assert.deepEqual(
    found.map((one) => one.objectId),
    [other.objectId],
  );
  assert.equal(await of(ann.client, object).getObjectCount(), 1);
  assert.equal(await of(ann.client, object).getObjectCount("name = 'x'"), 0);
  const { objectId } = object;
  await expectRefusal(of(ann.client, object).findById(objectId), unknownRecord(objectId));
  await expectRefusal(of(ann.client, object).remove(objectId), unknownRecord(objectId));
  assert.equal(await of(client, object).getObjectCount(), 2);
});

test('a record that a role may not change or remove is found', async () => {
  const object = await record();
  await client.Data.Permissions.UPDATE.denyForRole('AuthenticatedUser', object);
  await client.Data.Permissions.REMOVE.denyForRole('AuthenticatedUser', object);

  const table = of(ann.client, object);
  assert.equal((await table.findById(object.objectId)).name, 'x');
  await expectRefusal(table.save({ ...object, name: 'z' }), { code: 1012, status: 403 });
  await expectRefusal(table.remove(object), { code: 1014, status: 403 });
  assert.equal((await table.findById(object.objectId)).name, 'x');

  await of(client, object).save({ ...object, name: 'z' });
  await of(client, object).remove(object);
});

test('all users are those who are logged in, and one user comes before all', async () => {
  const object = await record();
  const guest = await server.client();
  await guest.Users.loginAsGuest();
  await client.Data.Permissions.UPDATE.denyForAllUsers(object);
  await client.Data.Permissions.UPDATE.grantForUser(ann.account.objectId, object);

  await expectRefusal(of(guest, object).save({ ...object, name: 'z' }), { code: 1012 });
  await of(ann.client, object).save({ ...object, name: 'z' });
  await of(client, object).save({ ...object, name: 'y' });
});

test('a permission counts at once, for a session that exists', async () => {
  const object = await record();
  const table = of(ann.client, object);
  const denied = {
    role: 'AuthenticatedUser',
    resource: `data:${object.___class}`,
    operation: 'FIND',
    access: 'DENY',
  };
  assert.equal((await table.find()).length, 1);

  assert.deepEqual(await server.admin('PUT', '/permissions', denied), denied);
  await expectRefusal(table.find(), { code: 1013, status: 403 });
  await expectRefusal(table.getObjectCount(), { code: 1013, status: 403 });
  await expectRefusal(table.findById(object.objectId), unknownRecord(object.objectId));
  assert.equal((await of(client, object).find()).length, 1);

  await server.admin('PUT', '/permissions', { ...denied, access: 'INHERIT' });
  assert.equal((await table.find()).length, 1);
  const resource = encodeURIComponent(denied.resource);
  assert.deepEqual(await server.admin('GET', `/permissions?resource=${resource}`), []);
});

test('the owner policy restricts each user to the own records', async () => {
  const object = await record();
  const ben = await server.registerAndLogIn({ name: 'Ben' });
  const own = await of(ben.client, object).save({ name: 'of Ben' });
  const resource = `data:${object.___class}`;
  const say = (whom, operation, access) =>
    server.admin('PUT', '/permissions', { ...whom, resource, operation, access });
  for (const operation of OPERATIONS) {
    await say({ role: 'AuthenticatedUser' }, operation, 'DENY');
    await say({ owner: true }, operation, 'GRANT');
  }

  assert.deepEqual(
    (await of(ben.client, object).find()).map((one) => one.objectId),
    [own.objectId],
  );
  assert.deepEqual(await of(ann.client, object).find(), []);
  await of(ben.client, object).remove(own);
});

test('server code is denied nothing', async () => {
  const object = await record();
  const runner = await server.client({ key: 'BL' });
  for (const operation of OPERATIONS) {
    const permission = client.Data.Permissions[operation];
    await permission.denyForAllRoles(object);
    await permission.denyForAllUsers(object);
    await expectRefusal(permission.denyForRole('ServerCodeUser', object), { code: 1024 });
  }

  assert.equal((await of(runner, object).find()).length, 1);
  await of(runner, object).save({ ...object, name: 'z' });
  await of(runner, object).remove(object);
});

test('what cannot be said of a record is refused, and changes nothing', async () => {
  const object = await record();
  const { FIND } = client.Data.Permissions;
  const { ___class } = object;

  await expectRefusal(FIND.denyForRole('Unknown', object), { code: 2005 });
  await expectRefusal(FIND.denyForUser('unknown', object), { code: 3057 });
  await expectRefusal(FIND.denyForAllRoles({ ___class, objectId: 'x' }), unknownRecord('x'));
  const nowhere = { ___class: 'Nowhere', objectId: 'x' };
  await expectRefusal(FIND.denyForAllRoles(nowhere), { code: 1009 });

  assert.equal((await of(client, object).find()).length, 1);
});
