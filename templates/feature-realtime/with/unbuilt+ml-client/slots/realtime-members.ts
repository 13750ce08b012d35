/** Says something to everyone who is connected, to whichever process. */
async publish(message: Spoken): Promise<void> {
  await this.#bus.start();
  await this.#bus.publish(message);
}

/** Says something to everyone who is connected to this process. */
tell(message: object): void {
  this.#hub.tell(message);
}

