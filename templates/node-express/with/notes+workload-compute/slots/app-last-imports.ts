import { wordPaths, wordRouter } from './words/router.ts';
