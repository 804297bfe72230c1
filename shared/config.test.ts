import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { ConfigError, parseConfig, schema } from './config.js'

const good = { DATABASE_URL: 'mysql://root@127.0.0.1:3306', MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
const faultsOf = (env: Record<string, string>): string[] => {
  try {
    parseConfig(env)
    return []
  } catch (error) {
    return (error as ConfigError).faults
  }
}

describe('the configuration', () => {
  it('names every fault at once, and asks to exit with 78', () => {
    const faults = faultsOf({ PORT: 'eighty', MASTER_KEY: 'short', SMTP_URL: 'mail.example' })
    expect(faults.map((fault) => fault.split(':')[0])).to.have.members(['DATABASE_URL', 'PORT', 'MASTER_KEY', 'SMTP_URL'])
    expect(faults[0]).to.equal('DATABASE_URL: is not set')
    expect(faults).to.include('PORT: must be a whole number from 0 to 65535')
    const wrong = { ...good, NODE_ENV: 'live', CENTRAL_DATABASE: 'A B', TENANT_PREFIX: '-', MASTER_KEY_ID: '?', PLATFORM_DOMAIN: 'A', PUBLIC_PORT: 'x', PUBLIC_SCHEME: 'ftp', MONGODB_URL: 'x', VIES_API_BASE: 'x', ALLOW_PRIVATE_OUTSIDE: 'x', LOG_LEVEL: 'x' }
    expect(faultsOf(wrong)).to.have.length(11)
    for (const fault of faultsOf(wrong)) expect(fault).to.match(/^[A-Z_]+: must /)
    expect(new ConfigError([]).exitCode).to.equal(78)
  })
  it('takes an empty value as not set', () => expect(parseConfig({ ...good, PORT: '' }).PORT).to.equal(3000))
  it('refuses plain HTTP and private outside addresses in production', () => {
    const faults = faultsOf({ ...good, NODE_ENV: 'production', ALLOW_PRIVATE_OUTSIDE: '1' })
    expect(faults.map((fault) => fault.split(':')[0])).to.have.members(['PUBLIC_SCHEME', 'ALLOW_PRIVATE_OUTSIDE'])
  })
  it('refuses the key of the example in production', () => {
    const faults = faultsOf({ ...good, MASTER_KEY: Buffer.alloc(32).toString('base64'), NODE_ENV: 'production', PUBLIC_SCHEME: 'https' })
    expect(faults).to.have.length(1).and.to.satisfy((all: string[]) => all[0]!.startsWith('MASTER_KEY'))
  })
  it('is described in full by .env.example, whose active lines hold', () => {
    const text = readFileSync(path.resolve(import.meta.dirname, '../.env.example'), 'utf8')
    const named = [...text.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map((m) => m[1])
    expect(named).to.have.members(Object.keys(schema.shape))
    expect(faultsOf(parseEnv(text) as Record<string, string>)).to.deep.equal([])
    const defaults = Object.fromEntries([...text.matchAll(/^#([A-Z][A-Z_]+)=(.*)$/gm)].map((m) => [m[1]!, m[2]!]))
    expect(parseConfig({ ...good, ...defaults })).to.deep.equal(parseConfig(good))
  })
})
