// ---- Predictions, by WebSocket as well

/** What the model's state is at first; after that each change of it comes by itself. */
async function readState() {
  const answer = await fetch('/readyz').catch(() => undefined);
  const { ml } = (await answer?.json().catch(() => undefined)) ?? {};
  page['ml-state'].textContent = ml ?? 'not known';
}

page['prediction-form'].addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = [...new FormData(event.currentTarget)];
  const input = Object.fromEntries(fields.map(([field, text]) => [field, Number(text)]));
  const answer = await fetch('/api/predictions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [input] }),
  }).catch(() => undefined);
  // What was predicted comes by the WebSocket, as it does to everyone else.
  page['prediction-problem'].hidden = answer?.ok === true;
  if (answer?.ok) return;
  const problem = await answer?.json().catch(() => undefined);
  page['prediction-problem'].textContent = problem?.detail ?? 'The service does not answer.';
});
