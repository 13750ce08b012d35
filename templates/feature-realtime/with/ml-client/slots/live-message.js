case 'prediction':
  for (const { label, probability } of message.predictions) {
    const text = `${label}, ${(probability * 100).toFixed(1)} %`;
    page.predictions.append(line(text, time(message.at)));
  }
  break;
case 'ml':
  page['ml-state'].textContent = message.state;
  break;
