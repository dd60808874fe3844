'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, expectRefusal, toMany, useServer } = require('../harness');

const HIDDEN = 'a word that only its owner knows';

let ada;
let eve;
let runner;

const server = useServer({ profile: null }, async (started) => {
  await started.createTable('Note', { text: 'STRING', n: 'INT' });
  await started.createTable('Folder', { title: 'STRING', notes: toMany('Note') });
  ada = await signIn(started, 'Ada');
  eve = await signIn(started, 'Eve');
  runner = await started.client({ key: 'BL' });
  // Server code puts both notes into both folders.
  await runner.Data.of('Folder').addRelation(eve.folder, 'notes', [ada.note, eve.note]);
  await runner.Data.of('Folder').addRelation(ada.folder, 'notes', [ada.note, eve.note]);
});

/** A user with a note and a folder of its own. */
async function signIn(started, name) {
  const { client, account } = await started.registerAndLogIn({ name });
  const notes = client.Data.of('Note');
  const folders = client.Data.of('Folder');
  const note = await notes.save({ text: name === 'Ada' ? HIDDEN : 'nothing special', n: 1 });
  const folder = await folders.save({ title: `${name}'s folder` });
  return { client, account, notes, folders, note, folder };
}

const ids = (rows) => rows.map((row) => row.objectId);

test('the schema is fixed: no table and no column comes with a record', async () => {
  const before = await server.admin('GET', '/tables');
  const unheard = ada.client.Data.of('Unheard');

  await expectRefusal(unheard.save({ n: 1 }), { code: [1009, 1125] });
  await expectRefusal(unheard.bulkCreate([{ n: 1 }]), { code: [1009, 1125] });
  await expectRefusal(ada.notes.save({ text: 'x', unheard: 1 }), { code: 1126 });
  await expectRefusal(ada.notes.save({ objectId: ada.note.objectId, unheard: 1 }), { code: 1126 });
  await expectRefusal(ada.notes.bulkCreate([{ n: 1 }, { unheard: 1 }]), { code: 1126 });
  await expectRefusal(ada.notes.save({ n: 1.5 }), { code: 1007 });
  await expectRefusal(ada.folders.addRelation(ada.folder, 'more:Note:n', [ada.note]), {
    status: 400,
  });

  assert.deepEqual(await server.admin('GET', '/tables'), before);
  assert.equal(await ada.notes.getObjectCount(), 1);
});

test('unknown properties of users are dropped', async () => {
  const user = await server.register({ nickname: 'nobody' });
  assert.ok(!('nickname' in user));

  const json = { nickname: 'somebody', name: 'x' };
  const token = ada.client.getCurrentUserToken();
  const path = `/users/${ada.account.objectId}`;
  const answer = await server.call('PUT', path, { json: { ...json, name: 'Ada' }, token });
  assert.equal(answer.status, 200, answer.text);
  assert.ok(!('nickname' in answer.body));
});

test('a find gives the records of the caller and no others', async () => {
  assert.deepEqual(ids(await ada.notes.find()), [ada.note.objectId]);
  assert.deepEqual(ids(await eve.notes.find()), [eve.note.objectId]);
  assert.deepEqual(
    ids(await runner.Data.of('Note').find()).sort(),
    ids([ada.note, eve.note]).sort(),
  );
});

test('counts, groups and aggregates go over the records of the caller', async () => {
  assert.equal(await eve.notes.getObjectCount(), 1);
  assert.equal(await eve.notes.getObjectCount(`text = '${HIDDEN}'`), 0);
  const [{ many }] = await eve.notes.find({ properties: ['Count(objectId) as many'] });
  assert.equal(many, 1);
  const grouped = await eve.notes.group({ groupBy: 'text' });
  assert.deepEqual(
    grouped.items.map((group) => group.groupBy.value),
    ['nothing special'],
  );
  const groupPath = [{ column: 'text', value: HIDDEN }];
  assert.equal(await eve.notes.countInGroup({ groupBy: 'text', groupPath }), 0);
});

for (const where of [
  `notes.text = '${HIDDEN}'`,
  "notes.text like 'a word%'",
  `notes.text != 'nothing special'`,
  `Folder[notes].title != '' and text = '${HIDDEN}'`,
]) {
  test(`what its reader may not see is not found by ${where}`, async () => {
    const store = where.startsWith('Folder') ? 'notes' : 'folders';

    assert.deepEqual(await eve[store].find({ where }), []);
    assert.equal(await eve[store].getObjectCount(where), 0);
    assert.equal(await eve[store].bulkDelete(where), 0);
    assert.equal(await ada[store].getObjectCount(where), 1, 'its owner finds it');
  });
}

test('an inverted path does not tell of parents that its reader may not see', async () => {
  const where = "Folder[notes].title like 'Ada%'";

  assert.deepEqual(await eve.notes.find({ where }), []);
  assert.deepEqual(ids(await ada.notes.find({ where })), [ada.note.objectId]);
});

test('a relation brings only the children that its reader may see', async () => {
  const folder = await eve.folders.findById(eve.folder.objectId, { relationsDepth: 1 });
  assert.deepEqual(ids(folder.notes), [eve.note.objectId]);

  const asked = { relationName: 'notes' };
  const loaded = await eve.folders.loadRelations(eve.folder, asked);
  assert.deepEqual(ids(loaded), [eve.note.objectId]);
  await expectRefusal(eve.folders.loadRelations(ada.folder, asked), { code: [1000, 1013] });
});

test('the record of another is not found, not changed and not removed', async () => {
  const { objectId } = ada.note;

  await expectRefusal(eve.notes.findById(objectId), { code: 1000 });
  await expectRefusal(eve.notes.save({ objectId, text: 'stolen' }), { code: [1000, 1012] });
  await expectRefusal(eve.notes.save({ objectId, text: 'stolen' }, true), {});
  await expectRefusal(eve.notes.bulkUpsert([{ objectId, text: 'stolen' }]), {});
  await expectRefusal(eve.notes.deepSave({ objectId, text: 'stolen' }), { code: [1000, 1012] });
  await expectRefusal(eve.notes.remove(objectId), { code: [1000, 1014] });

  assert.equal((await ada.notes.findById(objectId)).text, HIDDEN);
});

test('a deep save reaches no record of another through a relation', async () => {
  const { objectId } = ada.note;

  const change = { objectId: eve.folder.objectId, notes: [{ objectId, text: 'stolen' }] };
  await expectRefusal(eve.folders.deepSave(change), {});

  assert.equal((await ada.notes.findById(objectId)).text, HIDDEN);
  const folder = await runner.Data.of('Folder').findById(eve.folder.objectId, {
    relationsDepth: 1,
  });
  assert.equal(folder.notes.length, 2);
});

test('bulk updates and deletions reach the records of the caller alone', async () => {
  assert.equal(await eve.notes.bulkUpdate('n = 1', { text: 'nothing special' }), 1);
  assert.equal(await eve.notes.bulkUpdate(`text = '${HIDDEN}'`, { n: 2 }), 0);
  assert.equal(await eve.notes.bulkDelete(`objectId = '${ada.note.objectId}'`), 0);

  assert.equal((await ada.notes.findById(ada.note.objectId)).n, 1);
  await eve.notes.save({ text: 'to be deleted', n: 3 });
  assert.equal(await eve.notes.bulkDelete('n = 3'), 1);
});

test('the links of the record of another are not changed', async () => {
  const before = await runner.Data.of('Folder').getObjectCount("notes.text = 'nothing special'");

  for (const method of ['setRelation', 'addRelation', 'deleteRelation']) {
    await expectRefusal(eve.folders[method](ada.folder, 'notes', [eve.note]), {});
  }

  const after = await runner.Data.of('Folder').getObjectCount("notes.text = 'nothing special'");
  assert.equal(after, before);
});

test('nobody creates a record in the name of another', async () => {
  const note = await eve.notes.save({ text: 'forged', ownerId: ada.account.objectId });

  assert.equal(note.ownerId, eve.account.objectId);
  await eve.notes.remove(note);
});

test('a guest has records of its own and sees no others', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();
  const notes = client.Data.of('Note');

  const note = await notes.save({ text: 'mine' });

  assert.equal(note.ownerId, guest.objectId);
  assert.deepEqual(ids(await notes.find()), [note.objectId]);
});

test('a stranger sees nothing and changes nothing', async () => {
  for (const [method, path, json] of [
    ['POST', '/data/Note/find', {}],
    ['POST', '/data/Note/count', {}],
    ['POST', '/data/data-grouping/Note', { groupBy: 'text' }],
    ['GET', `/data/Note/${ada.note.objectId}`],
    ['PUT', `/data/Note/${ada.note.objectId}`, { text: 'stolen' }],
    ['DELETE', `/data/Note/${ada.note.objectId}`],
    ['POST', '/data/bulk/Note/delete', { where: 'n > 0' }],
  ]) {
    const answer = await server.call(method, path, { json });
    assert.ok(!answer.text.includes(HIDDEN), answer.text);
    if (answer.status !== 200) {
      expectEnvelope(answer);
    }
  }

  assert.equal((await ada.notes.findById(ada.note.objectId)).text, HIDDEN);
});
