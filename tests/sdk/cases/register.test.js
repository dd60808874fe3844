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

const KEYS = [
  ...['___class', 'accountType', 'blUserLocale', 'created', 'email', 'lastLogin', 'name'],
  ...['oAuthIdentities', 'objectId', 'ownerId', 'socialAccount', 'updated', 'userStatus'],
];

const server = useServer();

test('a registered user has exactly the properties of the contract', async () => {
  const email = freshEmail();

  const json = { email, password: PASSWORD, name: 'Ada' };
  const { status, text, body } = await server.call('POST', '/users/register', { json });

  assert.equal(status, 200, text);
  assert.deepEqual(Object.keys(body).sort(), KEYS);
  assert.match(body.objectId, /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  assert.equal(body.ownerId, body.objectId);
  expectRecent(body.created);
  assert.equal(body.updated, null);
  assert.equal(body.lastLogin, null);
  assert.equal(body.userStatus, 'ENABLED');
  assert.equal(body.accountType, 'BACKENDLESS');
  assert.equal(body.socialAccount, 'BACKENDLESS');
  assert.equal(body.oAuthIdentities, null);
  assert.equal(body.blUserLocale, 'en');
  assert.equal(body.email, email);
  assert.equal(body.name, 'Ada');
  assert.equal(body.___class, 'Users');
});

test('register takes a plain object and gives a Backendless.User', async () => {
  const client = await server.client();
  const email = freshEmail();

  const user = await client.Users.register({ email, password: PASSWORD });

  assert.ok(user instanceof Backendless.User);
  assert.equal(user.email, email);
  assert.ok(user.objectId);
  assert.ok(!('password' in user));
  assert.ok(!('user-token' in user));
});

test('register takes a Backendless.User just as well', async () => {
  const client = await server.client();
  const user = new Backendless.User({ email: freshEmail(), password: PASSWORD, name: 'Grace' });

  const registered = await client.Users.register(user);

  assert.equal(registered.email, user.email);
  assert.equal(registered.name, 'Grace');
});

test('the locale that a client sends is kept', async () => {
  const user = await server.register({ blUserLocale: 'de' });

  assert.equal(user.blUserLocale, 'de');
});

test('properties that no user had before come back and can be asked for', async () => {
  const client = await server.client();
  const account = { email: freshEmail(), password: PASSWORD, shoeSize: 42, nickname: 'Ada' };

  const user = await client.Users.register(account);

  assert.equal(user.shoeSize, 42);
  assert.equal(user.nickname, 'Ada');
  const [found] = await client.Data.of('Users').find({ where: 'shoeSize = 42' });
  assert.equal(found.objectId, user.objectId);
});

test('registering logs nobody in, and the logout that follows it succeeds', async () => {
  const client = await server.client();
  await client.Users.register({ email: freshEmail(), password: PASSWORD });

  assert.equal(await client.Users.getCurrentUser(), null);
  assert.equal(client.getCurrentUserToken(), null);
  await client.Users.logout();
});

test('a dead token in the header does not keep anybody from registering', async () => {
  const json = { email: freshEmail(), password: PASSWORD };
  const answer = await server.call('POST', '/users/register', { json, token: 'long-gone' });

  assert.equal(answer.status, 200, answer.text);
});

test('an identity that is taken is refused with 3033', async () => {
  const { email } = await server.register();
  const client = await server.client();

  await expectRefusal(client.Users.register({ email, password: 'another' }), {
    code: 3033,
    status: 409,
  });
});

test('of two registrations of one identity at once, one wins', async () => {
  const json = { email: freshEmail(), password: PASSWORD };
  const register = () => server.call('POST', '/users/register', { json });

  const answers = await Promise.all([register(), register(), register(), register()]);

  const [winner, ...losers] = answers.sort((a, b) => a.status - b.status);
  assert.equal(winner.status, 200, winner.text);
  losers.forEach((answer) => expectEnvelope(answer, { code: 3033, status: 409 }));
});

for (const [what, user, code] of [
  ['an empty user', {}, 3011],
  ['a user without a password', { email: 'no-password@example.com' }, 3011],
  ['a password that is a number', { email: 'number@example.com', password: 12345 }, 3050],
  ['a password that is an object', { email: 'object@example.com', password: {} }, 3050],
  ['a user without an e-mail address', { password: PASSWORD }, 3013],
  ['an e-mail address without an @', { email: 'nowhere', password: PASSWORD }, 3040],
  ['an e-mail address with a space', { email: 'no where@example.com', password: PASSWORD }, 3040],
  ['a name that is a number', { email: 'n@example.com', password: PASSWORD, name: 7 }, 3049],
  ['a name that is an object', { email: 'o@example.com', password: PASSWORD, name: {} }, 3049],
  ['an id of its own', { email: 'id@example.com', password: PASSWORD, objectId: 'MINE' }, 3039],
]) {
  test(`${what} is refused with ${code}`, async () => {
    const client = await server.client();

    await expectRefusal(client.Users.register(user), { code, status: 400 });

    if (user.email && user.password) {
      const { email } = user;
      const login = client.Users.login(email, String(user.password));
      await expectRefusal(login, { code: 3003 });
    }
  });
}

test('the id of a registered user cannot be registered again', async () => {
  const { objectId } = await server.register();
  const client = await server.client();

  const user = { objectId, email: freshEmail(), password: PASSWORD };
  await expectRefusal(client.Users.register(user), { code: 3039 });
});

test('a switched-off registration is refused with 403 and its exact text', async () => {
  await server.configure({ registration: { enabled: false } });
  const client = await server.client();

  await expectRefusal(client.Users.register({ email: freshEmail(), password: PASSWORD }), {
    code: 3009,
    status: 403,
    message: 'User registration is denied for this version of application',
  });
});

test('where e-mail addresses are confirmed, a new user is pending until an operator enables it', async () => {
  await server.configure({ registration: { emailConfirmationRequired: true } });
  const account = await server.register();
  assert.equal(account.userStatus, 'EMAIL_CONFIRMATION_PENDING');
  const client = await server.client();

  await expectRefusal(client.Users.login(account.email, account.password), { code: 3087 });

  const runner = await server.client({ key: 'BL' });
  await runner.Users.enableUser(account.objectId);
  const user = await client.Users.login(account.email, account.password);
  assert.equal(user.userStatus, 'ENABLED');
});
