'use strict';

const element = (id) => document.getElementById(id);

/** The products by name, and the cart of whoever looks at this page. */
const shop = { products: new Map(), cart: null };

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
async function readCart(userId) {
  const query = Backendless.DataQueryBuilder.create()
    .setRelated(['cart', 'cart.lines'])
    .setRelationsPageSize(100);
  const user = await Backendless.Data.of('Users').findById(userId, query);
  return user.cart;
}

async function add(product) {
  const line = await Backendless.Data.of('CartLine').save({ product: product.name, quantity: 1 });
  await Backendless.Data.of('Cart').addRelation(shop.cart, 'lines', [line]);
  shop.cart.lines.unshift(line);
  showCart();
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

function showCart() {
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
  const total = shop.cart.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
  element('total').textContent = total.toFixed(2);
}

function complain(error) {
  element('trouble').textContent = error.message;
  element('trouble').hidden = false;
}

async function open() {
  Backendless.initApp(window.location.origin);
  const products = await (await fetch('products.json')).json();
  shop.products = new Map(products.map((product) => [product.name, product]));
  const userId = await enter();
  shop.cart = await readCart(userId);
  element('visitor').textContent = `You are guest ${userId}.`;
  showProducts();
  showCart();
  document.body.dataset.ready = 'yes';
}

open().catch(complain);
