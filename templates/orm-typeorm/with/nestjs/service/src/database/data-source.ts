import { DataSource } from 'typeorm';
import { loadSettings } from '../config/settings.js';
import { dataSourceOptions } from './data-source-options.js';

/** What migrations work with, by the TypeORM command as well. */
export default new DataSource(dataSourceOptions(loadSettings(), 'migration'));
