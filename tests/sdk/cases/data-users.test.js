'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const {
  expectEnvelope,
  expectRecent,
  expectRefusal,
  freshEmail,
  PASSWORD,
  useServer,
} = require('../harness');

let client;
let users;

const server = useServer({}, async (started) => {
  client = await started.client();
  users = client.Data.of('Users');
});

const fresh = (properties = {}) => ({ email: freshEmail(), password: PASSWORD, ...properties });

async function logIn(email, password = PASSWORD) {
  const own = await server.client();
  return own.Users.login(email, password);
}

test('a user who is saved can log in', async () => {
  const { email } = fresh();

  const user = await users.save({ email, password: PASSWORD, name: 'Ada' });

  assert.ok(user instanceof Backendless.User);
  assert.equal(user.___class, 'Users');
  assert.ok(!('password' in user));
  assert.ok(!('user-token' in user));
  assert.equal(user.email, email);
  assert.equal(user.name, 'Ada');
  assert.equal(user.userStatus, 'ENABLED');
  assert.equal(user.ownerId, user.objectId);
  expectRecent(user.created);
  assert.equal((await logIn(email)).objectId, user.objectId);
});

test('a Backendless.User can be saved by its class', async () => {
  const { email } = fresh();

  const user = new Backendless.User({ email, password: PASSWORD });
  const saved = await client.Data.of(Backendless.User).save(user);

  assert.equal((await logIn(email)).objectId, saved.objectId);
});

test('users who are created in bulk can log in', async () => {
  const accounts = [fresh(), fresh(), fresh({ name: 'Third' })];

  const ids = await users.bulkCreate(accounts);

  for (const [index, { email }] of accounts.entries()) {
    assert.equal((await logIn(email)).objectId, ids[index]);
  }
  assert.equal((await users.findById(ids[2])).name, 'Third');
});

test('a user can be upserted', async () => {
  const { email } = fresh();
  const created = await users.save({ email, password: PASSWORD }, true);
  assert.equal((await logIn(email)).objectId, created.objectId);

  const updated = await users.save({ objectId: created.objectId, name: 'Ada' }, true);

  assert.equal(updated.name, 'Ada');
  assert.equal(updated.email, email);
  assert.ok(!('password' in updated));
});

test('new properties of a user bring their columns with them', async () => {
  const user = await users.save(fresh({ nickname: 'Countess', luckyNumber: 7 }));

  assert.equal(user.nickname, 'Countess');
  const [found] = await users.find({ where: "nickname = 'Countess' and luckyNumber > 6" });
  assert.equal(found.objectId, user.objectId);
  const described = (await client.Users.describeUserClass()).map((column) => column.name);
  assert.ok(described.includes('nickname') && described.includes('luckyNumber'));
});

for (const [what, properties, code] of [
  ['nothing at all', {}, 3011],
  ['no password', { email: 'no-password@example.com' }, 3011],
  ['a password that is a number', { email: 'number@example.com', password: 1 }, 3050],
  ['no e-mail address', { password: PASSWORD }, 3013],
  ['an e-mail address without an @', { email: 'nowhere', password: PASSWORD }, 3040],
]) {
  test(`a user with ${what} is refused with ${code}, alone and in bulk`, async () => {
    const before = await users.getObjectCount();

    await expectRefusal(users.save(properties), { code });
    await expectRefusal(users.bulkCreate([fresh(), properties]), { status: 400 });

    assert.equal(await users.getObjectCount(), before);
  });
}

test('an e-mail address that is taken is refused at every door', async () => {
  const { email } = await server.register();
  const other = await server.register({ name: 'Other' });
  const before = await users.getObjectCount();

  await expectRefusal(users.save({ email, password: PASSWORD }), { code: 3033 });
  await expectRefusal(users.save({ email, password: PASSWORD }, true), { code: 3033 });
  await expectRefusal(users.bulkCreate([fresh(), { email, password: PASSWORD }]), {
    code: [1155, 1166, 3033],
  });
  const change = { objectId: other.objectId, email, name: 'Thief' };
  await expectRefusal(users.save(change), { code: 3018 });

  assert.equal(await users.getObjectCount(), before);
  assert.equal((await users.findById(other.objectId)).name, 'Other');
});

test('a user is updated like any other record', async () => {
  const { objectId, email } = await server.register({ name: 'Ada' });

  const updated = await users.save({ objectId, name: 'Countess' });

  assert.ok(updated instanceof Backendless.User);
  assert.equal(updated.name, 'Countess');
  assert.equal(updated.email, email);
  expectRecent(updated.updated);
  assert.ok(!('password' in updated));
  await expectRefusal(users.save({ objectId: 'NO-SUCH-ID', name: 'x' }), { code: [1000, 3030] });
});

test('a password that is changed by a save is the new password', async () => {
  const { objectId, email, password } = await server.register();

  const updated = await users.save({ objectId, password: 'a new one' });

  assert.ok(!('password' in updated));
  await expectRefusal(logIn(email, password), { code: 3003 });
  assert.equal((await logIn(email, 'a new one')).objectId, objectId);
});

test('no save changes what only the server may change', async () => {
  const { objectId, email } = await server.register();
  const before = await users.findById(objectId);

  const forged = {
    ...{ created: 1, updated: 2, lastLogin: 3, ownerId: 'SOMEBODY', userStatus: 'DISABLED' },
    ...{ socialAccount: 'FACEBOOK', accountType: 'FORGED', oAuthIdentities: { google: 1 } },
    ...{ 'user-token': 'forged', name: 'Ada' },
  };
  for (const save of [
    () => users.save({ objectId, ...forged }),
    () => users.save({ objectId, ...forged }, true),
    () => users.bulkUpsert([{ objectId, ...forged }]),
    () => users.deepSave({ objectId, ...forged }),
  ]) {
    await save();
    const after = await users.findById(objectId);
    assert.deepEqual({ ...after }, { ...before, name: 'Ada', updated: after.updated });
  }
  await logIn(email);
});

test('a bulk update of users touches neither identities nor passwords', async () => {
  const { objectId, email } = await server.register({ name: 'Ada' });
  const where = `objectId = '${objectId}'`;

  await expectRefusal(users.bulkUpdate(where, { email: freshEmail() }), { code: 3098 });
  await expectRefusal(users.bulkUpdate(where, { password: 'stolen' }), { status: 400 });
  await users.bulkUpdate(where, { name: 'Grace', userStatus: 'DISABLED' }).catch(() => {});

  assert.equal((await users.findById(objectId)).userStatus, 'ENABLED');
  assert.equal((await logIn(email)).objectId, objectId);
  assert.equal(await users.bulkUpdate(where, { name: 'Countess' }), 1);
  assert.equal((await users.findById(objectId)).name, 'Countess');
});

for (const [how, remove] of [
  ['removed', (objectId) => users.remove(objectId)],
  ['deleted in bulk', (objectId) => users.bulkDelete(`objectId = '${objectId}'`)],
]) {
  test(`a user who is ${how} has no session and no login any more`, async () => {
    const { account, token } = await server.registerAndLogIn();
    assert.equal(await server.isAlive(token), true);

    await remove(account.objectId);

    assert.equal(await server.isAlive(token), false);
    expectEnvelope(await server.call('POST', '/data/Users/find', { json: {}, token }), {
      code: 3064,
    });
    await expectRefusal(logIn(account.email), { code: 3003 });
    await expectRefusal(users.findById(account.objectId), { code: 1000 });
    const again = await server.call('POST', '/users/register', {
      json: { email: account.email, password: PASSWORD },
    });
    assert.equal(again.status, 200, 'the e-mail address is free again');
  });
}

test('a guest is a record of Users, and what it saves is its own', async () => {
  const visitor = await server.client();
  const guest = await visitor.Users.loginAsGuest();

  const [found] = await users.find({
    where: `userStatus = 'GUEST' and objectId = '${guest.objectId}'`,
  });
  assert.equal(found.email, null);
  const cart = await visitor.Data.of('Cart').save({});
  assert.equal(cart.ownerId, guest.objectId);
  assert.equal(await visitor.Data.of('Users').setRelation(guest, 'cart:Cart:1', [cart]), 1);

  const user = await users.findById(guest.objectId, { relationsDepth: 1 });
  assert.equal(user.cart.objectId, cart.objectId);
  assert.equal(user.userStatus, 'GUEST');
  assert.equal(await users.getObjectCount(`cart.ownerId = '${guest.objectId}'`), 1);
});

test('a user cannot be disguised as a guest', async () => {
  const user = await users.save(fresh({ userStatus: 'GUEST' }));

  assert.equal(user.userStatus, 'ENABLED');
});
