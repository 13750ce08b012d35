
/** Says something to everyone who is connected to this process. */
tell(message: object): void {
  const text = JSON.stringify(message);
  for (const client of this.clients) client.send(text);
}
