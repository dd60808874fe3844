'use strict';

/** What the profile `strict` refuses: operation by operation, to strangers, to guests and to users. */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectRefusal, freshEmail, toMany, useServer, PASSWORD } = require('../harness');

let ada;
let stranger;
let guest;
let user;
let runner;

// No `--profile`: this is what a newcomer gets.
const server = useServer({ profile: null }, async (started) => {
  await started.createTable('Note', { text: 'STRING', n: 'INT' });
  await started.createTable('Folder', { title: 'STRING', notes: toMany('Note') });
  ada = await owner(started);
  stranger = { who: 'a stranger', client: await started.client() };
  const client = await started.client();
  await client.Users.loginAsGuest();
  guest = { who: 'a guest', client };
  user = { who: 'a user', ...(await started.registerAndLogIn()) };
  runner = await started.client({ key: 'BL' });
});

/** Somebody with a note in a folder. */
async function owner(started) {
  const { client, account } = await started.registerAndLogIn({ name: 'Ada' });
  const note = await client.Data.of('Note').save({ text: 'secret', n: 1 });
  const folder = await client.Data.of('Folder').save({ title: 'hers' });
  await client.Data.of('Folder').addRelation(folder, 'notes', [note]);
  return { client, account, note, folder };
}

const newcomer = () => ({ email: freshEmail(), password: PASSWORD });
const grouped = { groupBy: 'text' };
const path = { ...grouped, groupPath: [{ column: 'text', value: 'secret' }] };

/** Each with what a stranger hears, and what guests and users hear of the records of another. */
const REFUSALS = [
  ['find', 1013, null, ({ notes }) => notes.find()],
  ['count', 1013, null, ({ notes }) => notes.getObjectCount()],
  ['group', 1013, null, ({ notes }) => notes.group(grouped)],
  ['countInGroup', 1013, null, ({ notes }) => notes.countInGroup(path)],
  ['findFirst', 1013, null, ({ folders }) => folders.find({ pageSize: 1 })],
  ['findById', 1000, 1000, ({ notes }) => notes.findById(ada.note.objectId)],
  ['findById of nothing', 1000, 1000, ({ notes }) => notes.findById('nothing')],
  ['create', 1011, null, ({ notes }) => notes.save({ n: 2 })],
  ['update', 1000, 1000, ({ notes }) => notes.save({ objectId: ada.note.objectId, n: 2 })],
  ['upsert', 1134, 1000, ({ notes }) => notes.save({ objectId: ada.note.objectId, n: 2 }, true)],
  ['remove', 1000, 1000, ({ notes }) => notes.remove(ada.note.objectId)],
  ['deepSave of a new record', 1011, null, ({ notes }) => notes.deepSave({ n: 2 })],
  [
    'deepSave',
    1000,
    1000,
    ({ notes }) => notes.deepSave({ objectId: ada.note.objectId, n: 2 }),
  ],
  ['bulkCreate', 1011, null, ({ notes }) => notes.bulkCreate([{ n: 2 }])],
  [
    'bulkUpsert',
    1134,
    1000,
    ({ notes }) => notes.bulkUpsert([{ objectId: ada.note.objectId, n: 2 }]),
  ],
  ['bulkUpdate', 1013, null, ({ notes }) => notes.bulkUpdate("text = 'secret'", { n: 2 })],
  ['bulkDelete', 1013, null, ({ notes }) => notes.bulkDelete("text = 'secret'")],
  [
    'addRelation',
    1000,
    1000,
    ({ folders }) => folders.addRelation(ada.folder, 'notes', [ada.note]),
  ],
  ['setRelation', 1000, 1000, ({ folders }) => folders.setRelation(ada.folder, 'notes', [])],
  [
    'deleteRelation',
    1000,
    1000,
    ({ folders }) => folders.deleteRelation(ada.folder, 'notes', [ada.note]),
  ],
  [
    'loadRelations',
    1000,
    1000,
    ({ folders }) => folders.loadRelations(ada.folder, { relationName: 'notes' }),
  ],
  ['describe', 1015, 1015, ({ client }) => client.Data.describe('Note')],
  ['describe of no table', 1015, 1015, ({ client }) => client.Data.describe('Nothing')],
  [
    'a permission',
    1000,
    1000,
    ({ client }) => client.Data.Permissions.FIND.grantForAllUsers({ ...ada.note }),
  ],
  ['describeUserClass', 2000, 2000, ({ client }) => client.Users.describeUserClass()],
  [
    'an update by the user service',
    3028,
    3029,
    ({ client }) => client.Users.update({ objectId: ada.account.objectId, name: 'Eve' }),
  ],
  ['a user as a record', 1000, 1000, ({ users }) => users.findById(ada.account.objectId)],
  ['a new user as a record', 1011, 1011, ({ users }) => users.save(newcomer())],
  ['users in bulk', 1011, 1011, ({ users }) => users.bulkCreate([newcomer()])],
  ['an upsert of a user', 1134, 1134, ({ users }) => users.save(newcomer(), true)],
  [
    'an update of a user as a record',
    1000,
    1000,
    ({ users }) => users.save({ objectId: ada.account.objectId, name: 'Eve' }),
  ],
  ['the removal of a user', 1000, 1000, ({ users }) => users.remove(ada.account.objectId)],
];

for (const [what, ofStranger, ofOthers, attempt] of REFUSALS) {
  test(`${what}: refused as it should be, and nothing changed`, async () => {
    const before = await everything();
    for (const [caller, code] of [
      [stranger, ofStranger],
      [guest, ofOthers],
      [user, ofOthers],
    ]) {
      if (code === null) {
        continue;
      }
      const { client } = caller;
      const [notes, folders, users] = ['Note', 'Folder', 'Users'].map((name) =>
        client.Data.of(name),
      );
      const call = attempt({ client, notes, folders, users });
      await expectRefusal(call, { code }).catch((error) => {
        throw new Error(`${caller.who}: ${error.message}`);
      });
    }
    assert.deepEqual(await everything(), before);
  });
}

/** All that server code sees. */
async function everything() {
  const rows = (table, query = {}) =>
    runner.Data.of(table).find({ pageSize: 100, sortBy: 'objectId', ...query });
  return [await rows('Note'), await rows('Folder', { relationsDepth: 1 }), await rows('Users')];
}

test('guests and users do everything to what they own', async () => {
  for (const { client } of [guest, user]) {
    const [notes, folders] = [client.Data.of('Note'), client.Data.of('Folder')];
    const note = await notes.save({ text: 'own' });
    const upserted = await notes.save({ objectId: note.objectId, n: 1 }, true);
    assert.equal(upserted.n, 1);
    assert.equal((await notes.save({ objectId: note.objectId, n: 2 })).n, 2);
    const [bulk] = await notes.bulkCreate([{ text: 'own' }]);
    await notes.bulkUpsert([{ objectId: bulk, n: 3 }]);
    const folder = await folders.deepSave({ title: 'own', notes: [{ text: 'deep' }] });
    assert.equal(folder.notes.length, 1);
    assert.equal(await folders.addRelation(folder, 'notes', [note]), 1);
    assert.equal((await folders.loadRelations(folder, { relationName: 'notes' })).length, 2);
    assert.equal(await folders.deleteRelation(folder, 'notes', [note]), 1);
    assert.equal(await notes.bulkUpdate("text = 'own'", { n: 4 }), 2);
    await client.Data.Permissions.FIND.grantForAllUsers(note);
    await notes.remove(note);
    assert.equal(await notes.bulkDelete('n > 0 or n is null'), 2);
    await folders.remove(folder);
  }
});

test('a relation needs to change the parent and to find the child', async () => {
  const folders = user.client.Data.of('Folder');
  const notes = user.client.Data.of('Note');
  const own = await folders.save({ title: 'own' });
  const note = await notes.save({ text: 'own' });
  const relate = (folder, child) => folders.addRelation(folder, 'notes', [child]);

  assert.equal(await relate(own, ada.note), 0, 'who may not be found is left out');
  const linked = { objectId: ada.note.objectId };
  await expectRefusal(folders.deepSave({ objectId: own.objectId, notes: [linked] }), {
    code: 1000,
  });
  await ada.client.Data.Permissions.FIND.grantForUser(user.account.objectId, ada.note);
  assert.equal(await relate(own, ada.note), 1);

  await ada.client.Data.Permissions.FIND.grantForUser(user.account.objectId, ada.folder);
  await expectRefusal(relate(ada.folder, note), { code: 1134 });
  const say = (operation, access) =>
    server.admin('PUT', '/permissions', {
      role: 'AuthenticatedUser',
      resource: 'data:Folder',
      operation,
      access,
    });
  await say('ADD_RELATION', 'GRANT');
  await expectRefusal(relate(ada.folder, note), { code: 1012 });
  await ada.client.Data.Permissions.UPDATE.grantForUser(user.account.objectId, ada.folder);
  assert.equal(await relate(ada.folder, note), 1);
  await say('ADD_RELATION', 'INHERIT');
});

test('the own row of users is theirs, its permissions too', async () => {
  const { client, account } = await server.registerAndLogIn();
  const users = client.Data.of('Users');

  assert.equal((await users.findById(account.objectId)).email, account.email);
  assert.equal((await client.Users.update({ ...account, name: 'Bea' })).name, 'Bea');
  const saved = await users.save({ objectId: account.objectId, name: 'Bee' });
  assert.equal(saved.name, 'Bee');
  const row = { ___class: 'Users', objectId: account.objectId };
  await expectRefusal(user.client.Data.of('Users').findById(account.objectId), { code: 1000 });
  await client.Data.Permissions.FIND.grantForUser(user.account.objectId, row);
  const seen = await user.client.Data.of('Users').findById(account.objectId);
  assert.equal(seen.name, 'Bee');
  const change = { objectId: account.objectId, name: 'Eve' };
  await expectRefusal(user.client.Data.of('Users').save(change), { code: 1012 });
  await expectRefusal(user.client.Users.update(change), { code: 3029 });
  await expectRefusal(user.client.Data.of('Users').remove(account.objectId), { code: 1014 });

  await users.remove(account.objectId);
  await expectRefusal(runner.Data.of('Users').findById(account.objectId), { code: 1000 });
});

test('a guest registers, which is the conversion', async () => {
  const client = await server.client();
  const { objectId } = await client.Users.loginAsGuest();

  const registered = await client.Users.register({ objectId, ...newcomer() });

  assert.equal(registered.objectId, objectId);
  assert.equal(registered.userStatus, 'ENABLED');
});

test('logout, isvalidusertoken, userroles and /info are open to everybody', async () => {
  const nobody = await server.client();
  await nobody.Users.logout();
  assert.deepEqual((await nobody.Users.getUserRoles()).sort(), ['JSUser', 'NotAuthenticatedUser']);
  assert.equal(await server.isAlive('nobody-has-this-token'), false);
  assert.equal((await server.call('GET', '/info')).status, 200);

  const client = await server.client();
  await client.Users.loginAsGuest();
  assert.equal(await client.Users.isValidLogin(), true);
  assert.deepEqual((await client.Users.getUserRoles()).sort(), ['GuestUser', 'JSUser']);
  await client.Users.logout();
});

test('what the operator denies is refused to a session that exists', async () => {
  const { client } = await server.registerAndLogIn();
  const say = (access) =>
    server.admin('PUT', '/permissions', {
      role: 'AuthenticatedUser',
      resource: 'data:Note',
      operation: 'ADD',
      access,
    });
  await client.Data.of('Note').save({ n: 9 });
  await say('DENY');
  await expectRefusal(client.Data.of('Note').save({ n: 9 }), { code: 1011, status: 403 });
  await guest.client.Data.of('Note').save({ n: 9 });
  await say('INHERIT');
  await client.Data.of('Note').save({ n: 9 });
});
