'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const {
  expectEnvelope,
  expectRefusal,
  toMany,
  toOne,
  unknownColumn,
  useServer,
} = require('../harness');

const REFUSED = unknownColumn('password', 'Users');

let account;
let client;
let users;

const server = useServer({}, async (started) => {
  client = await started.client();
  users = client.Data.of('Users');
  account = await started.register({ name: 'Ada' });
  await started.createTable('Team', { title: 'STRING', n: 'INT' });
  await started.addColumns('Team', { lead: toOne('Users'), members: toMany('Users') });
  await started.addColumns('Users', { friends: toMany('Users'), best: toOne('Users') });
  const team = await client.Data.of('Team').save({ objectId: 'team', title: 'a team' }, true);
  await client.Data.of('Team').setRelation(team, 'lead', [account]);
  await client.Data.of('Team').setRelation(team, 'members', [account]);
});

const find = (json) => server.call('POST', '/data/Users/find', { json });

/** Asserts that an answer speaks of the user and gives nothing of the password away. */
function expectNoPassword(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.ok(answer.text.includes(account.objectId), answer.text);
  assert.ok(!/"password"|argon2|user-token/i.test(answer.text), answer.text);
}

test('no way of reading brings a password along', async () => {
  const { objectId } = account;
  const grouping = { groupBy: 'name', pageSize: 100, groupPageSize: 100 };
  for (const [method, path, json] of [
    ['POST', '/data/Users/find', {}],
    ['POST', '/data/Users/find', { props: '*' }],
    ['POST', '/data/Users/find', { props: '*,name as called' }],
    ['POST', '/data/Users/find', { excludeProps: 'name' }],
    ['POST', '/data/Users/find', { relationsDepth: 2 }],
    ['GET', `/data/Users?where=objectId%20%3D%20%27${objectId}%27`],
    ['GET', `/data/Users/${objectId}`],
    ['GET', `/data/Users/${objectId}?props=*`],
    ['GET', `/data/Users/pk?objectId=${objectId}`],
    ['GET', '/data/Team/team?relationsDepth=1'],
    ['GET', '/data/Team/team?loadRelations=lead,members'],
    ['GET', '/data/Team/team/members'],
    ['GET', '/data/Team/team/lead'],
    ['POST', '/data/data-grouping/Users', grouping],
    ['PUT', '/data/Users', { objectId, name: 'Ada' }],
    ['PUT', `/data/Users/${objectId}`, { name: 'Ada' }],
    ['PUT', '/data/Users/upsert', { objectId, name: 'Ada' }],
    ['PUT', '/data/Users/deep-save', { objectId, name: 'Ada' }],
    ['PUT', '/data/Team/deep-save', { title: 'b', lead: { objectId } }],
    ['PUT', '/data/Team/deep-save', { title: 'c', members: [{ objectId, name: 'Ada' }] }],
  ]) {
    expectNoPassword(await server.call(method, path, { json }));
  }
});

for (const [what, query] of [
  ['columns', { props: 'password' }],
  ['columns among others', { props: 'name,password' }],
  ['an alias', { props: 'password as name' }],
  ['distinct values', { props: 'password', distinct: true }],
  ['a sort', { sortBy: 'password' }],
  ['a descending sort', { sortBy: 'name,password desc' }],
  ['a clause', { where: "password like '$argon2%'" }],
  ['a clause for null', { where: 'password is not null' }],
  ['a clause among others', { where: "name = 'Ada' or (not (password = 'x'))" }],
  ['a clause in another case', { where: 'PASSWORD is not null', any: true }],
  ['a path', { where: "friends.password like '%'" }],
  ['an inverted path', { where: "Users[friends].password like '%'" }],
  ['groups', { props: 'Count(objectId)', groupBy: 'password' }],
  ['an aggregate', { props: 'Max(password) as name' }],
  ['a count', { props: 'Count(password)' }],
  ['a function', { props: 'TIME(password)' }],
  ['having', { props: 'name', groupBy: 'name', having: "Max(password) > ''" }],
]) {
  test(`the password stands in no ${what}`, async () => {
    const { any, ...json } = query;
    expectEnvelope(await find(json), any ? { code: 1006 } : REFUSED);
  });
}

test('the password is no key to find a user by', async () => {
  await expectRefusal(users.findById({ password: account.password }), REFUSED);
});

test('the password stands in no clause of any other operation', async () => {
  const clause = "password like '$argon2%'";
  const before = await users.getObjectCount();
  const teams = client.Data.of('Team');

  await expectRefusal(users.getObjectCount(clause), REFUSED);
  await expectRefusal(users.bulkDelete(clause), REFUSED);
  await expectRefusal(users.bulkUpdate(clause, { name: 'found' }), REFUSED);
  await expectRefusal(users.findById(account.objectId, { properties: ['password'] }), REFUSED);
  await expectRefusal(users.group({ groupBy: 'password' }), REFUSED);
  await expectRefusal(users.group({ groupBy: 'name', where: clause }), REFUSED);
  await expectRefusal(
    users.countInGroup({ groupBy: 'password', groupPath: [{ column: 'password', value: 'x' }] }),
    REFUSED,
  );
  await expectRefusal(users.getObjectCount(queryGroupedBy('password')), REFUSED);
  await expectRefusal(teams.find({ where: `lead.${clause}` }), REFUSED);
  await expectRefusal(teams.setRelation('team', 'members', clause), REFUSED);
  await expectRefusal(teams.addRelation('team', 'members', clause), REFUSED);
  await expectRefusal(teams.deleteRelation('team', 'members', clause), REFUSED);
  for (const query of [{ where: clause }, { sortBy: 'password' }, { properties: ['password'] }]) {
    const asked = { relationName: 'members', ...query };
    await expectRefusal(teams.loadRelations('team', asked), REFUSED);
  }

  assert.equal(await users.getObjectCount(), before);
  assert.equal(await users.getObjectCount("name = 'found'"), 0);
});

function queryGroupedBy(column) {
  return Backendless.DataQueryBuilder.create().setGroupBy(column);
}

test('the password cannot be copied into a column that can be read', async () => {
  const { objectId } = account;
  const name = { ___class: 'BackendlessExpression', value: 'password' };

  for (const [method, path, json] of [
    ['PUT', '/data/Users', { objectId, name }],
    ['PUT', `/users/${objectId}`, { name }],
    ['PUT', `/data/bulk/Users?where=objectId%20%3D%20%27${objectId}%27`, { name }],
  ]) {
    expectEnvelope(await server.call(method, path, { json, token: undefined }));
  }

  assert.equal((await users.findById(objectId)).name, 'Ada');
});

test('the server stores no password that could be read', async () => {
  const admin = await server.admin('GET', '/tables/Users/rows?pageSize=100');

  assert.ok(JSON.stringify(admin).includes(account.objectId));
  assert.ok(!JSON.stringify(admin).includes(account.password));
  assert.ok(!/argon2/i.test(JSON.stringify(admin)));
});

test('a user who stands in two lists is the same in both', async () => {
  const people = await Promise.all([1, 2, 3, 4].map((n) => server.register({ name: `user ${n}` })));
  await server.addColumns('Users', { blocked: toMany('Users') });
  await users.setRelation(account, 'friends', people.slice(0, 3));
  await users.setRelation(account, 'blocked', people);
  await users.setRelation(people[0], 'friends', [account]);

  const query = Backendless.DataQueryBuilder.create().setRelated(['friends', 'blocked']);
  const [user] = await users.find(query.setWhereClause(`objectId = '${account.objectId}'`));

  assert.equal(user.friends.length, 3);
  assert.equal(user.blocked.length, 4);
  for (const friend of user.friends) {
    assert.ok(friend instanceof Backendless.User);
    assert.ok(!('password' in friend));
    const blocked = user.blocked.find((other) => other.objectId === friend.objectId);
    assert.deepEqual(blocked, friend);
  }
});

test('related users are found by what may be read of them', async () => {
  const other = await server.register({ name: 'Grace' });
  await users.setRelation(other, 'best', [account]);

  const found = await users.find({ where: `best.name = 'Ada' and best.email like '%@%'` });
  assert.deepEqual(
    found.map((user) => user.objectId),
    [other.objectId],
  );
  const inverted = await users.find({ where: `Users[best].name = 'Grace'` });
  assert.deepEqual(
    inverted.map((user) => user.objectId),
    [account.objectId],
  );
});

test('a deep save of a related user keeps its password and its session', async () => {
  const { account: other, token } = await server.registerAndLogIn({ name: 'Grace' });

  const team = await client.Data.of('Team').deepSave({
    title: 'd',
    lead: { objectId: other.objectId, name: 'Countess', userStatus: 'DISABLED' },
  });

  assert.equal(team.lead.name, 'Countess');
  assert.equal(team.lead.userStatus, 'ENABLED');
  assert.equal(await server.isAlive(token), true);
  await (await server.client()).Users.login(other.email, other.password);
});
