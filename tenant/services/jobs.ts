/** Loaded by every process that serves or works: kinds of service without a feature of their own are run by hand. */
import { registerManual } from './manual-driver.js'

registerManual()
