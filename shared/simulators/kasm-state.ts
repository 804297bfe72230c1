export * from './kasm/state.js'
