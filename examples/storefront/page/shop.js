'use strict';

const element = (id) => document.getElementById(id);

/** The products by name, whoever looks at this page, that visitor's cart, and how often it was shown. */
const shop = { products: new Map(), visitor: null, cart: null, shown: 0 };

/**
 * Comes back as the guest of the last visit, or as a new one.
 *
 * The SDK keeps the token when asked to stay logged in; it may have died since.
 */
async function enter() {
  if (!(await Backendless.UserService.isValidLogin())) {
    await Backendless.UserService.loginAsGuest(true);
  }
  return Backendless.LocalCache.get('current-user-id');
}

/** The server has given the guest a cart already; this only reads it. */
async function readVisitor(userId) {
  const query = Backendless.DataQueryBuilder.create()
    .setRelated(['cart', 'cart.lines'])
    .setRelationsPageSize(100);
  shop.visitor = await Backendless.Data.of('Users').findById(userId, query);
  shop.cart = shop.visitor.cart;
  showVisitor();
  await showCart();
}

/**
 * Registers the guest, who goes on in the same session with the same cart.
 *
 * With an address and a password that are known, the guest turns out to be that user: the answer has
 * that user's id, the session is that user's from now on, and the server has made one cart of two.
 */
async function keepCart() {
  const user = await Backendless.UserService.register({
    objectId: shop.visitor.objectId,
    email: element('email').value,
    password: element('password').value,
  });
  Backendless.LocalCache.set('current-user-id', user.objectId);
  element('trouble').hidden = true;
  await readVisitor(user.objectId);
}

function showVisitor() {
  const { email, objectId } = shop.visitor;
  element('visitor').textContent = email ? `You are ${email}.` : `You are guest ${objectId}.`;
  element('keep').hidden = Boolean(email);
}

async function add(product) {
  const line = await Backendless.Data.of('CartLine').save({ product: product.name, quantity: 1 });
  await Backendless.Data.of('Cart').addRelation(shop.cart, 'lines', [line]);
  shop.cart.lines.unshift(line);
  await showCart();
}

function showProducts() {
  for (const product of shop.products.values()) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    item.textContent = `${product.title}, ${product.price.toFixed(2)}`;
    button.textContent = 'Into the cart';
    button.dataset.product = product.name;
    button.addEventListener('click', () => add(product).catch(complain));
    item.append(button);
    element('products').append(item);
  }
}

/** Shows the cart, and what it comes to: that the page asks of the shop, which knows its prices. */
async function showCart() {
  shop.shown += 1;
  const turn = shop.shown;
  const total = await Backendless.APIServices.invoke('shop', 'total');
  // Somebody has clicked again meanwhile, and the answer to that is on its way.
  if (turn !== shop.shown) {
    return;
  }
  const rows = shop.cart.lines.map((line) => {
    const row = document.createElement('tr');
    const title = shop.products.get(line.product)?.title ?? line.product;
    for (const text of [title, line.quantity, (line.price * line.quantity).toFixed(2)]) {
      row.insertCell().textContent = text;
    }
    return row;
  });
  element('lines').replaceChildren(...rows);
  element('empty').hidden = rows.length > 0;
  element('total').textContent = total.price.toFixed(2);
}

function complain(error) {
  element('trouble').textContent = error.message;
  element('trouble').hidden = false;
}

async function open() {
  Backendless.initApp(window.location.origin);
  const products = await (await fetch('products.json')).json();
  shop.products = new Map(products.map((product) => [product.name, product]));
  await readVisitor(await enter());
  showProducts();
  element('keep').addEventListener('submit', (event) => {
    event.preventDefault();
    keepCart().catch(complain);
  });
  document.body.dataset.ready = 'yes';
}

open().catch(complain);
