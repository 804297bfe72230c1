/** Icons that a template may have: a choice of shared/views/icons.ts with the words that a form shows. Never an address: no page loads pictures from elsewhere. */
export const templateIcons: ReadonlyArray<{ value: string; label: string }> = [
  { value: 'code', label: 'Code' }, { value: 'terminal-2', label: 'Terminal' }, { value: 'brand-ubuntu', label: 'Ubuntu' }, { value: 'brand-windows', label: 'Windows' }, { value: 'brand-docker', label: 'Docker' },
  { value: 'device-desktop', label: 'Desktop' }, { value: 'file-text', label: 'Documents' }, { value: 'world', label: 'Browser' }, { value: 'shield-lock', label: 'Secure work' }, { value: 'database', label: 'Database' },
  { value: 'chart-line', label: 'Data and charts' }, { value: 'palette', label: 'Design' }, { value: 'video', label: 'Video' }, { value: 'tools', label: 'Tools' }, { value: 'calculator', label: 'Accounting' }, { value: 'apps', label: 'Apps' },
]
export const isTemplateIcon = (name: string): boolean => templateIcons.some((icon) => icon.value === name)
