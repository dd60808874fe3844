'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { Server, expectRefusal, freshEmail, useServer } = require('../harness');

const server = useServer({ app: true, mail: true });

const DEAD_LINK = {
  code: 20300,
  status: 410,
  message:
    'this link does not work: a link works once, for 15 minutes, and only the newest one; ask for a new one',
};

/** Asks for a link with the SDK; the token of the one that is mailed. */
async function tokenFor(email, client) {
  const before = server.mailsTo(email).length;
  const asker = client ?? (await server.client());
  assert.equal(await asker.APIServices.invoke('magic-link', 'send', { email }), null);
  const mails = await server.mailsSentTo(email, before + 1);
  const [page, token] = mails.at(-1).link.split('#');
  assert.equal(page, `${server.url}/pages/magic-link.html`);
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  return token;
}

const redeem = (client, token) => client.APIServices.invoke('magic-link', 'redeem', { token });

test('a mailed link logs its user in, who then reads the own record', async () => {
  const account = await server.register({ name: 'Ann' });
  const client = await server.client();
  const token = await tokenFor(account.email, client);

  const login = await redeem(client, token);
  assert.deepEqual(Object.keys(login).sort(), ['objectId', 'user-token', 'userStatus']);
  assert.equal(login.objectId, account.objectId);
  assert.equal(login.userStatus, 'ENABLED');
  client.Users.setCurrentUser(login);

  assert.equal(await client.Users.isValidLogin(), true);
  const own = await client.Users.getCurrentUser(true);
  assert.equal(own.name, 'Ann');
  assert.equal(own.email, account.email);
  await client.Users.logout();
  assert.equal(await server.isAlive(login['user-token']), false);
});

test('the address may be all that is sent', async () => {
  const account = await server.register();
  const client = await server.client();
  assert.equal(await client.APIServices.invoke('magic-link', 'send', account.email), null);
  await server.mailsSentTo(account.email, 1);
});

test('an address that nobody has is answered alike, and gets no mail', async () => {
  const email = freshEmail();
  const client = await server.client();
  assert.equal(await client.APIServices.invoke('magic-link', 'send', { email }), null);
  // Whoever asks later has a mail: so there is none on its way.
  await tokenFor((await server.register()).email, client);
  assert.deepEqual(server.mailsTo(email), []);
});

test('a link works once, and what is none is refused in the same words', async () => {
  const account = await server.register();
  const client = await server.client();
  const token = await tokenFor(account.email);
  await redeem(client, token);
  await expectRefusal(redeem(client, token), DEAD_LINK);
  await expectRefusal(redeem(client, 'a guess'), DEAD_LINK);
  await expectRefusal(redeem(client, '🦊'.repeat(1000)), DEAD_LINK);
});

test('of two who use a link at once one is logged in', async () => {
  const account = await server.register();
  const clients = await Promise.all([server.client(), server.client()]);
  const token = await tokenFor(account.email);
  const outcomes = await Promise.allSettled(clients.map((client) => redeem(client, token)));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 1);
  assert.equal(refused[0].reason.code, DEAD_LINK.code);
});

test('a disabled user is told so, and only with a link', async () => {
  const account = await server.register();
  const client = await server.client();
  const token = await tokenFor(account.email);
  const serverCode = await server.client({ key: 'BL' });
  await serverCode.Users.updateUserStatus(account.objectId, 'DISABLED');
  await expectRefusal(redeem(client, token), { code: 3090 });
  assert.equal(
    await client.APIServices.invoke('magic-link', 'send', { email: account.email }),
    null,
  );
});

test('what is no address, no text or no argument is told to whoever sent it', async () => {
  const client = await server.client();
  const send = (args) => client.APIServices.invoke('magic-link', 'send', args);
  await expectRefusal(send({ email: 'ann' }), { code: 8008 });
  await expectRefusal(send({ email: { $ne: null } }), { code: 8008 });
  await expectRefusal(send({}), { code: 14009 });
  const error = await expectRefusal(redeem(client, ['a secret of mine']), { code: 8008 });
  assert.doesNotMatch(error.message, /a secret of mine/);
});

test('nobody sees the table of the links, though the profile grants everything', async () => {
  const { account, client } = await server.registerAndLogIn();
  await tokenFor(account.email, client);
  const links = client.Data.of('MagicLink');
  const attempts = [
    () => links.find(),
    () => links.findById(account.objectId),
    () => links.getObjectCount(),
    () => links.save({ hash: '00', email: account.email, expires: Date.now() + 1e6 }),
    () => links.save({ objectId: account.objectId, hash: '00' }),
    () => links.remove(account.objectId),
    () => links.bulkDelete("hash != ''"),
    () => client.Data.describe('MagicLink'),
  ];
  for (const attempt of attempts) {
    await assert.rejects(attempt, ({ status }) => status >= 400 && status < 500, String(attempt));
  }
});

test('neither a token nor a session is in the output of the server', async () => {
  const account = await server.register();
  const client = await server.client();
  const token = await tokenFor(account.email);
  const login = await redeem(client, token);
  await expectRefusal(redeem(client, token), DEAD_LINK);
  assert.ok(!server.output.includes(token));
  assert.ok(!server.output.includes(login['user-token']));
});

test('where mail is not configured every call is refused, and the log says so', async () => {
  const without = new Server({ app: true });
  await without.start();
  try {
    const client = await without.client();
    for (const email of [(await without.register()).email, freshEmail()]) {
      const sent = client.APIServices.invoke('magic-link', 'send', { email });
      await expectRefusal(sent, { code: 5050 });
    }
    const warnings = without.output.match(/nobody logs in by a mailed link/g);
    assert.equal(warnings?.length, 1);
  } finally {
    await without.stop();
  }
});
