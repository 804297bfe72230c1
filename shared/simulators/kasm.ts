/** The entry to the simulated Kasm; the files are in kasm/. */
export { KasmSimulator, startKasmSimulator, type KasmSimulatorOptions } from './kasm/kasm-simulator.js'
