ml.close();
