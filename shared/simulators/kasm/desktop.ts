import type { Body } from './habits.js'
import type { KasmState } from './state.js'

/** The page at the launch link (`/#/connect/kasm/<id>/<user>/<token>` or `/workspace/<id>?token=…`): a small desktop, brand neutral, that opens only with the newest token. */
export const desktopPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Workspace</title><style>
*{box-sizing:border-box}html,body{height:100%;margin:0}body{font:15px/1.5 system-ui,sans-serif;color:#e5e9f5;background:radial-gradient(1200px 800px at 20% 10%,#3556a8,#141a33 70%);display:flex;flex-direction:column}
header,footer{background:rgba(10,14,30,.65);padding:.5rem 1rem;display:flex;justify-content:space-between;gap:1rem}main{flex:1;padding:1.5rem;display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:1.25rem;align-content:start}
.win{background:#0f1530;border:1px solid #31407a;border-radius:.6rem;box-shadow:0 1rem 2rem rgba(0,0,0,.35);overflow:hidden}.win h2{margin:0;padding:.4rem .8rem;font-size:.85rem;background:#1d2750}.win pre,.win p{margin:0;padding:.8rem;font-size:.85rem;white-space:pre-wrap}pre{font-family:ui-monospace,monospace;color:#b7f0c1}
.no{margin:auto;text-align:center;padding:2rem}</style></head><body><header><strong id="name">Connecting…</strong><span id="size"></span></header><main id="desk" aria-live="polite"></main><footer><span>Your files are kept when the workspace stops.</span><span id="clock"></span></footer><script>
const hash=location.hash.split('/'),at=location.pathname.split('/'),page=at[1]==='workspace';const id=(page?at[2]:hash[3])||'',token=(page?new URLSearchParams(location.search).get('token'):hash[5])||'';const desk=document.getElementById('desk');
const win=(title,tag,text)=>{const w=document.createElement('section');w.className='win';const h=document.createElement('h2');h.textContent=title;const b=document.createElement(tag);b.textContent=text;w.append(h,b);desk.append(w)};
fetch('/__desktop?kasm_id='+encodeURIComponent(id)+'&token='+encodeURIComponent(token)).then(r=>r.json()).then(d=>{
 if(d.error){desk.innerHTML='';const n=document.createElement('div');n.className='no';n.textContent=d.error;desk.append(n);document.getElementById('name').textContent='Not connected';return}
 document.getElementById('name').textContent=d.name;document.getElementById('size').textContent=d.cores+' vCPU · '+d.memory+' GB RAM';
 win('Terminal','pre','user@workspace:~$ uname -sr\\nLinux 6.1\\nuser@workspace:~$ ls\\nDocuments  Downloads  projects\\nuser@workspace:~$ _');
 win('Welcome','p','This desktop runs in the cloud. Close the tab whenever you like: it keeps running until you stop it.');
 win('Files','p','projects · Documents · Downloads')});
setInterval(()=>{document.getElementById('clock').textContent=new Date().toLocaleTimeString()},1000)
</script></body></html>`

const usedUp = 'Unauthorized session access. This link is used up: open the workspace from your account again.'

/** What the page of a desktop asks: does its link still hold? */
export function desktopFacts(state: KasmState, id: string | null, opens: (token: string) => boolean): Body {
  const session = state.sessions.find((s) => s.kasm_id === id && opens(s.token) && s.status === 'running')
  if (!session) return { error: usedUp }
  const image = state.images.find((i) => i.image_id === session.image_id)
  const { friendly_name: name, cores, memory } = image ?? { friendly_name: 'Workspace', cores: 2, memory: 4 * 1024 ** 3 }
  return { name, cores, memory: Math.round(memory / 1024 ** 3) }
}
