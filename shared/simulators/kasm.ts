/** The entry to the simulated workspace servers; the files are in kasm/. */
export { KasmSimulator, startKasmSimulator, type KasmSimulatorOptions } from './kasm/kasm-simulator.js'
