/** The elements of the page, by id. */
const page = Object.fromEntries(
  [...document.querySelectorAll('[id]')].map((element) => [element.id, element]),
);

// ---- Notes, by server-sent events

const notes = new Map();

/** The items of the list by id. One that stays keeps the focus, and is not read out again. */
const shown = new Map();

function showNotes() {
  for (const [id, item] of shown) {
    if (notes.has(id)) continue;
    if (item.contains(document.activeElement)) page['note-form'].elements.title.focus();
    item.remove();
    shown.delete(id);
  }
  for (const { id, title } of notes.values()) {
    if (!shown.has(id)) shown.set(id, addItem(id));
    const [words, remove] = shown.get(id).children;
    if (words.textContent === title) continue;
    words.textContent = title;
    remove.ariaLabel = `Delete ${title}`;
  }
}

function addItem(id) {
  const remove = document.createElement('button');
  remove.type = 'button';
  remove.textContent = 'Delete';
  remove.addEventListener('click', () => send('DELETE', `/api/notes/${id}`));
  const item = line('', remove);
  page.notes.append(item);
  return item;
}

/** Asks the API; what it refuses is shown. Tells whether it agreed. */
async function send(method, path, body) {
  const answer = await fetch(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => undefined);
  // Someone else may have deleted it in the meantime.
  const agreed = answer?.ok === true || (method === 'DELETE' && answer?.status === 404);
  page['note-problem'].hidden = agreed;
  if (!agreed) {
    const problem = answer && (await answer.json().catch(() => undefined));
    page['note-problem'].textContent = problem?.detail ?? 'The service does not answer.';
  }
  return agreed;
}

page['note-form'].addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  if (await send('POST', '/api/notes', { title: form.elements.title.value })) form.reset();
});

/** What has come while the notes are being read, and is applied after that. */
let waiting;
let known = false;

/** Reads the notes as they are now; what the stream brings meanwhile comes on top. */
async function readNotes() {
  const mine = (waiting = []);
  const read = new Map();
  try {
    for (let after = 0; after !== null;) {
      const answer = await fetch(`/api/notes?limit=100&after=${after}`);
      const { items, next } = await answer.json();
      for (const note of items) read.set(note.id, note);
      after = next;
    }
  } catch {
    setTimeout(() => waiting === mine && readNotes(), 1000);
    return;
  }
  if (waiting !== mine) return;
  waiting = undefined;
  known = true;
  notes.clear();
  for (const [id, note] of read) notes.set(id, note);
  for (const change of mine) apply(change);
  showNotes();
}

function apply({ change, note }) {
  if (change === 'deleted') notes.delete(note.id);
  // A note that was read just now may be newer than an event from before.
  else if (!(notes.get(note.id)?.updatedAt > note.updatedAt)) notes.set(note.id, note);
}

const stream = new EventSource('/api/notes/events');
stream.addEventListener('open', () => (page['stream-state'].textContent = 'connected'));
stream.addEventListener('error', () => {
  page['stream-state'].textContent =
    stream.readyState === EventSource.CLOSED ? 'closed' : 'connecting';
});
// A stream that was interrupted goes on where it stopped, unless it says `reset`.
stream.addEventListener('ready', () => {
  if (!known && !waiting) void readNotes();
});
stream.addEventListener('reset', readNotes);
for (const type of ['created', 'updated', 'deleted']) {
  stream.addEventListener(type, (event) => {
    const change = JSON.parse(event.data);
    if (waiting) {
      waiting.push(change);
    } else {
      apply(change);
      showNotes();
    }
  });
}

// ---- Chat and notifications, by WebSocket

let socket;
let room = page['room-form'].elements.room.value;

function connect() {
  socket = new WebSocket('/ws');
  socket.addEventListener('open', () => (page['socket-state'].textContent = 'connected'));
  socket.addEventListener('close', () => {
    page['socket-state'].textContent = 'connecting';
    page.client.textContent = 'not connected';
    setTimeout(connect, 1000);
  });
  socket.addEventListener('message', (event) => receive(JSON.parse(event.data)));
}

function say(message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function receive(message) {
  switch (message.type) {
    case 'welcome':
      page.client.textContent = message.client;
      say({ type: 'join', room });
      break;
    case 'joined':
      page.chat.append(line(`You are in ${message.room}.`));
      break;
    case 'chat':
      page.chat.append(line(`${name(message.from)}: ${message.text}`, time(message.at)));
      break;
    case 'notification':
      page.notifications.append(line(`${name(message.from)}: ${message.text}`, time(message.at)));
      break;
    case 'error':
      page.chat.append(line(message.detail));
      break;
  }
}

page['room-form'].addEventListener('submit', (event) => {
  event.preventDefault();
  const next = event.currentTarget.elements.room.value;
  if (next === room) return;
  say({ type: 'leave', room });
  room = next;
  say({ type: 'join', room });
});

page['chat-form'].addEventListener('submit', (event) => {
  event.preventDefault();
  say({ type: 'chat', room, text: event.currentTarget.elements.text.value });
  event.currentTarget.reset();
});

page['notify-form'].addEventListener('submit', (event) => {
  event.preventDefault();
  const { to, text } = event.currentTarget.elements;
  say({ type: 'notify', to: to.value.trim(), text: text.value });
  text.value = '';
});

connect();

// ---- Pieces of the page

function line(text, ...more) {
  const item = document.createElement('li');
  const words = document.createElement('span');
  words.textContent = text;
  item.append(words, ...more);
  return item;
}

function time(at) {
  const element = document.createElement('time');
  element.dateTime = at;
  element.textContent = new Date(at).toLocaleTimeString();
  return element;
}

function name(client) {
  return client === page.client.textContent ? 'You' : client.slice(0, 8);
}
