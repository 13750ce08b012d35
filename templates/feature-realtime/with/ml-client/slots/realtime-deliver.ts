if (message.type === 'prediction') {
  this.tell(message);
  return;
}
