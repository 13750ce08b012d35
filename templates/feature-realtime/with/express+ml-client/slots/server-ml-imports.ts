import { announce } from './ml/announce.ts';
