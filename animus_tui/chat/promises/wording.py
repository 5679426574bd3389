"""Whether the wording of a reply is one that may promise a picture: whether it is worth a question. Pure.

A reply that may promise one costs a question to the model, a promise that is missed costs the user a picture: so what
is in doubt is asked about. What is judged is each clause outside of code and of told speech: one that denies, looks
back, makes a condition or asks the user for a picture speaks of none that is coming. Words are known of English,
German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Turkish, Russian, Japanese and Chinese.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from animus_tui.chat.reply_text import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 8000
"""Characters at the end of a reply that are looked at: a promise of what comes next stands there."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CODE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_QUOTED = re.compile(r"\"[^\"]+\"|“[^”]+”|„[^“”]+[“”]|«[^»]+»|「[^」]+」")
_TOLD_SPEECH = _any(
    r"[\"”“»,]\s*(?:\w+\s+){0,2}(?:said|says|whispered|asked|replied|answered|laughed|shouted|murmured)\b",
    r"\b(?:said|whispered|asked|replied|answered|murmured)\b[^\"“„«]{0,40}[\"“„«]",
    r"[“”\"],?\s*(?:\w+\s+){0,2}(?:sagte|fragte|flüsterte|rief|antwortete)\b",
    r"\b(?:dit|demanda|murmura|dijo|preguntó|susurró|disse|chiese|zei|vroeg|сказал\w*|спросил\w*)\b",
)
_MARKDOWN_PICTURE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_ACTION = _any(
    r"\*[^*\n]{0,80}\b(?:camera|lens|selfie|sketchpad|sketchbook|easel|phone|kamera|handy|"
    r"téléphone)\b[^*\n]{0,80}\*",
    r"\*[^*\n]{0,40}\b(?:pic|photo|picture|selfie|snapshot|camera|foto|bild|фото|селфи)\W?\*",
    r"\*[^*\n]{0,80}\b(?:slides|turns|pans|points|aims|hands|shows|pulls|holds|passes|unveils|flips|lifts|"
    r"angles|dreht|hält|tourne)\b[^*\n]{0,80}\b(?:phone|camera|display|frame|book|easel|canvas|sketch\w*|"
    r"album|screen|laptop|tablet|notebook|drawing|painting|picture|photo|handy|kamera)\b",
)
"""What roleplay does between asterisks: `*sends a photo*`, `*turns the easel around*`."""
_CAMERA = re.compile("[📸📷🤳🖼🎨]")

_PICTURE = _any(
    r"\b(?:pic|pics|picture|pictures|photo|photos|photograph|image|images|img|selfie|selfies|snapshot|"
    r"snap|sketch|drawing|painting|portrait|illustration|wallpaper|poster|logo|meme|shot|render|rendering|"
    r"visual|map|artwork|doodle|cartoon|version|diagram|icon|banner|infographic|collage|scene|flyer|"
    r"affiche|póster|cartel|plakat|avatar|chart|canvas|easel|card|shots)\b",
    r"\b(?:bild|bilder|bildchen|foto|fotos|selbstporträt|zeichnung|gemälde|illustration|skizze|aufnahme|"
    r"schnappschuss)\b",
    r"\b(?:photo|photos|dessin|image|images|illustration|tableau|cliché)\b",
    r"\b(?:foto|fotos|fotografía|imagen|imágenes|dibujo|ilustración|retrato|cuadro)\b",
    r"\b(?:fotografia|immagine|immagini|disegno|ritratto|imagem|imagens|desenho|ilustração)\b",
    r"\b(?:foto's|afbeelding|afbeeldingen|tekening|plaatje|schilderij|zdjęci\w+|fotk\w+|obraz\w*|rysun\w+)\b",
    r"\b(?:bild|bilder|foto|teckning|fotoğraf\w*|resim|resmi\w*|çizim\w*|görsel\w*)\b",
    r"фот\w+|картин\w+|рисун\w+|снимо?к\w*|селфи|изображени\w+",
    r"写真|画像|絵|イラスト|自撮り|照片|图片|图|画|自拍",
)
"""A word for a picture."""

_WISHED = _any(
    r"\bhow (?:you|it|he|she|they) looks?\b|^\W*now\b|\bagain\b|\bbackground\b|\bpics\b",
    r"\b(?:show|see|draw|paint|sketch|design|visuali[sz]e|illustrat\w+|look(?:s|ed|ing)? like|wearing|"
    r"wear|render)\b",
    r"\b(?:add|change|remove|redo|zoom|instead|less|create|generate|make (?:it|me|a|the|an|us))\b|"
    r"\bbrighter\b|\bdarker\b|\banother one\b|\bsurprise me\b|\bface\b",
    r"\bzeig\w*|\bmal\w?\b|\bmalen\b|\bzeichne\w*|\bsehen\b|\bsieht\b|\baussieh\w*|\bsiehst\b",
    r"\bmontre\w*|\bdessin\w*|\bvoir\b|\bressembl\w*|\bens[eé]ña\w*|\bmu[eé]stra\w*|\bdib[uú]j\w*|\bver\b|"
    r"\bpinta\w*",
    r"\bmostr[ai]\w*|\bdisegna\w*|\bvedere\b|\bfammi\b|\bdesenh\w*|\blaat\b|\bteken\w*|\bzien\b|"
    r"\bpokaż\w*|\bnarysuj\w*",
    r"\bvisa\b|\brita\b|\bgöster\w*|\bçiz\w*|покажи\w*|нарису\w+|见せ|見せ|描い|看看|画",
)
"""What the user may have said to see something."""

_REQUESTED = _any(
    r"\b(?:provide|take|give|get|do|post|share|prepare|produce|want|need|like|have|add|use|"
    r"bring)\b.{0,40}\b(?:pics?|photos?|pictures?|selfies?|images?|portraits?|posters?|logos?|icons?|"
    r"illustrations?|drawings?|sketch(?:es)?|diagrams?)\b",
    r"\b(?:send|show|draw|paint|sketch|make|create|generate|design|render|illustrate|visuali[sz]e|see|"
    r"give me)\b",
    r"^\W*(?:(?:a|an|the|one|another|more|got|do|does|u|you|have|any|can|could|may|i|get|how|about|please|"
    r"just|need|want|would|like|i'd|love|to|little|quick|of|your|and|now|ok|okay|hey|un|une|una|petite?|"
    r"ein|bitte|eine|mal) )*(?:pics?|photos?|pictures?|selfies?|images?|drawing|poster|logo|icon|portrait|"
    r"wallpaper|landscape|fotos?|bild|skizze|illustration|fotka|zdjęcie)\b",
    r"\bprove\b|\banother one\b|\bone more\b|\blooks? (?:like|on)\b|\bwearing\b",
    r"\b(?:schick|sende|zeig|mal|male|zeichne|mach|erstell)\w{0,2}\b|\b(?:sehen|sieht|aussieht|siehst)\b|"
    r"\bbitte ein",
    r"\b(?:envoie|envoyer|montre|montrer|dessine|dessiner|fais-moi|fais (?:un|une|le|la|voir)|créer?|voir|"
    r"ressemble)\b|\btu as une photo\b",
    r"\b(?:manda|mánda|envía|ens[eé]ña|mu[eé]stra|dib[uú]ja|haz|hazme|mostr[ai]|disegn[ai]|invia|fai|"
    r"fammi|fatti|desenha|faz|ver|vedere|pinta)\w*|\bcómo (?:te queda|es|eres)\b|\bcom'è\b",
    r"\b(?:stuur|teken|laat|maak|zien|pokaż|wyślij|narysuj|zobaczyć|visa|rita|skicka|se|gönder|göster|çiz)\b",
    r"пришли|покажи|нарисуй|сделай|скинь|увидеть|как .{0,15}выгляд|"
    r"見たい|見せ|送って|描い|給我看|给我|发张|发一|画|看看",
)
"""A request for something to see."""
_CHANGE = _any(
    r"\b(?:should|more|less|without|with|bit|please|closer|further|into|older|younger|different|another|"
    r"mehr|weniger|ohne|plus|moins|más|menos|più|meno|mais)\b",
)
"""What a wish to change a picture has, when it was said to one."""
_NOT_REQUESTED = _any(
    r"\b(?:wann|wer|quem|quién|qui|кто|let me show)\b|谁|誰|\bche fai\b|\bchi ha\b|\brecommend\b|"
    r"\btu fais quoi\b|\btemps fait",
    r"\b(?:how (?:do|can|does|to)|which|who|why|function|code|python|html|css|write|story|scene|"
    r"love letter|recipe|haiku|poem|joke|list|example|big picture|remember|online|i wish|thanks?|"
    r"thank you|when|where|taken|made my|dream\w*|what(?:'s| is) your favou?rite|someday|learning|"
    r"do you (?:like|still|believe))\b",
    r"\b(?:loved|liked|love (?:your|that|this|the|it)|printed|was|were|who did|did you|here's|is that)\b|"
    r"\b(?:wie (?:mal|mach|zeichne)\w*|warum|comment)\b",
    r"\b(?:that|your) (?:\w+ )?(?:photo|pic|picture|image|drawing|painting|sketch|selfie|"
    r"portrait)\b(?! (?:again|of))|\badore\b",
    r"^\W*(?:can|do) you (?:draw|paint|make (?:images|pictures))\W*$|^\W*continue\b|\bthe show\b|"
    r"\bsee what i mean\b|^\W*(?:great|nice|cool|what a|what's that|tolles?|super|schönes?)\b|\b(?:malst|"
    r"zeichnest|fotografierst) du\b|\b(?:aimes|aimé|piace|gustó|gusta|bella|bonita|hizo|viste|pris|prise|"
    r"bild war|schönes)\b|喜欢|好看|よかった|好き",
)
"""What a request for words or for help has, or a remark about a picture."""

_DENIED = _any(
    r"\bthank(?:s| you)\b|\bdanke\b|\bmerci\b|\bgracias\b|\bgrazie\b|\bobrigad[oa]\b|谢谢|ありがとう|спасибо|"
    r"\bglad (?:you|it)\b|\bfreut mich\b",
    r"\bnot a chance\b|\bmaybe (?:later|another|next|tomorrow)\b|\bonly (?:\w+ )?(?:words|text|chat|"
    r"write)\b|\bi wish i could\b|\boutside of what\b",
    r"\b(?:can't|cannot|can not|cant|couldn't|won't|will not|wouldn't|unable|nope|never (?:send|show|draw|"
    r"paint))\b",
    r"\b(?:i|we) (?:don't|do not|didn't)\b",
    r"\bnot (?:\w+ )?(?:able|allowed|now|yet|today|tonight|going|comfortable|possible|until|before|for)\b",
    r"\bdesol[eé]|\bdésolée?\b|\bleider\b|\blo siento\b|\bojalá\b|\bpurtroppo\b|\bdesculpa\b|\bhelaas\b|"
    r"\bniestety\b|\btyvärr\b|\bmaalesef\b|прости|извини|к сожалению|"
    r"また今度|恥ずかしいから|下次|改天|ごめん|無理|抱歉|对不起",
    r"^\W*(?:(?:ew|um|uh|oh|hell|haha|hmm|absolutely|definitely|sorry),? )?(?:no|nah|not|non|nein|"
    r"hoje não|nee|hoje|adesso no)\b(?! (?:problem|worries|big deal|a ))|\b(?:patience|geduld|last one|"
    r"battery)\b",
    r"\b(?:not really|no face|an ai|an? (?:language|text)\b|just words|only words|isn't a picture|"
    r"have to wait)",
    r"\b(?:isn't|aren't) (?:\w+ )?(?:something|possible|available|a thing)\b|\bi'd rather\b|\b(?:afraid|"
    r"sorry,|unfortunately)",
    r"\bno (?:\w+ )?(?:pics?|pictures?|photos?|selfies?|images?|drawings?|way|chance)\b",
    r"\b(?:kann|könnte|darf|werde|will)\b[^.!?]*\b(?:nicht|kein\w*)\b|\bnicht (?:malen|zeigen|schicken|"
    r"möglich|jetzt|heute)|\blieber nicht\b|\bkeine?n? (?:foto|bild|selfie|zeichnung)",
    r"\bne (?:peux|pourrai|sais|suis)\b|\bn'ai\b|\bpas (?:de|envoyer|montrer)\b|\bimpossible\b",
    r"\bno (?:puedo|podría|tengo|sé|soy)\b|\bnon (?:posso|riesco|so|sono)\b|\bnão (?:consigo|posso|tenho|"
    r"sei)\b",
    r"\b(?:geen|niet)\b|\bnie (?:mogę|umiem|potrafię)\b|\b(?:kan|får) inte\b",
    r"\w(?:amıyorum|emiyorum|amam|emem)\b|\bне (?:могу|умею|буду|получится|художник)\b",
    r"(?:送れ|描け|見せられ|でき)(?:ない|ません)|不能|不会|不行|不发|不画|没有|不可以|没法|无法",
)
_BACK = _any(
    r"\b(?:keep|kept|loved?|liked?) (?:your|the|that|this|my)\b|\bsometime\b",
    r"\b(?:yesterday|last (?:week|night|summer|year|month)|ago|earlier|back then|remember)\b",
    r"\b(?:the|that|this|those) \w+ (?:i|you|he|she|they|we) (?:\w+ )?(?:sent|took|made|drew|painted|showed)\b",
    r"\b(?:you|he|she|they|who) (?:\w+ )?(?:sent|send|sends|took|takes|drew|painted|showed|posted)\b",
    r"\b(?:she|he|they|they're|it)\b.{0,20}\b(?:show|shows|showing|showed|shown|sent)\b",
    r"\bgestern\b|\bhier soir\b|\bayer\b|\bieri\b|\bontem\b|\bgisteren\b|\bwczoraj\b|\bdün\b|\bigår\b|"
    r"вчера|昨日|昨天",
    r"\b(?:mandaste|enviaste|me mandó|tu m'as envoyée?|mi hai mandato|du mir geschickt)\b|прислал\w*",
)
_CONDITION = _any(
    r"\b(?:if|i wish|someday|could try|tell me|let me know)\b",
    r"\b(?:you could|you can (?:\w+ )?(?:find|use|try|get)|they can)\b",
    r"\bwenn ich\b|\bsi (?:je|tu|pudiera|pudiese)\b|\bse potessi\b",
)
_OFFERS = _any(
    r"\b(?:she|he|they)(?:'s|'re| is| are) (?:\w+ )?(?:draw|paint|sketch|send|tak|mak)ing\b",
    r"\b(?:would you like|do you want|want (?:me )?to|wanna see|shall i|should i|i could|"
    r"if you(?:'d)? (?:like|want|ask)|if i)\b",
    r"\bmöchtest du\b|\bsoll ich\b|\bsi quieres\b|\bveux-tu\b|\bsi tu veux\b|\bse vuoi\b",
)
_ASKS_USER = _any(
    r"^\W*(?:(?:hey|ok|okay|please|and|so|now|omg|oh|come on|then)\W+)*(?:send|show) me\b",
    r"\bgive me (?:\w+ )?(?:pic|photo|selfie|image)|\bi (?:want|need) (?:\w+ ){0,3}(?:pic|photo|selfie)",
    r"\b(?:schick|zeig|sende) (?:mir|mal|doch)\b|\bmándame\b|\benvoie-moi\b|\bmandami\b|\bmanda(?:-me|"
    r" pra mim)\b",
    r"\bwyślij mi\b|\bпришли мне\b|送って(?:ね|よ|ください)|发给我|\b(?:pictures|photos|pics),? please\b",
)
_EXPLAINS = _any(
    r"\bhere(?:'s| is| are) (?:a|an|the|some|my|how|what) (?:\w+ )?(?:poem|story|description|recipe|list|"
    r"example|idea|plan|tip|thing|deal|way|answer|joke|code|version of the (?:code|text))s?\b|"
    r"\bdescribe what\b",
    r"\bshow (?:you|u) (?:how (?:it|to|this|that) (?:works?|is|\w+)|what i mean|the way|where|why|"
    r"an? example|with an? )\b|\bbig picture\b|\bpicture this\b",
    r"\bwie (?:es|das|man)\b.{0,20}\b(?:geht|funktioniert|macht)\b|\bcomment (?:faire|ça)\b|\bcómo (?:se|"
    r"hacer)\b",
    r"\bcome (?:si|fare)\b|\bcomo (?:fazer|se)\b",
)
_NEVER = (_DENIED, _OFFERS, _ASKS_USER, _EXPLAINS)
"""What speaks of no picture that is coming, whatever else is said."""
_HARDLY = (_BACK, _CONDITION)
"""What mostly speaks of no picture that is coming."""

_MAKES = _any(
    # English: who writes makes, sends or shows something now
    r"\b(?:i'll|i will|i'm|i am|let me|lemme|gonna|going to|i can|i've|i just|watch me|why don't i|"
    r"allow me to|happy to|we'll|we will)\b.{0,40}?\b(?:show|showing|send|sending|snap|snapping|draw|"
    r"drawing|drawn|paint|painting|painted|sketch|sketching|generate|generating|render|rendering|create|"
    r"creating|illustrate|design|prepare|compose|add|change|take|taking|took|made|make|making|put (?:it|"
    r"this|that) on)\b",
    r"(?:^|[*_(]|\b(?:now|just|quickly|already|and))\W{0,3}(?:sending|drawing|drawin|painting|sketching|"
    r"generating|rendering|creating|making|snapping|taking|showing)\b",
    r"\b(?:snaps|sends|takes|snapped|clicks|attaches|holds (?:up|(?:the|her|his|my|a) (?:phone|camera))|"
    r"turns the (?:camera|phone|easel|screen|canvas)|shares|uploads|draws|sketches|paints|poses|"
    r"lifts (?:her|his|the|my) phone)\b",
    r"\b(?:incoming|coming (?:right )?up|on its way|here (?:it )?comes?|there it is)(?!\w)",
    r"\bi (?:just )?made (?:you|this)\b|^\W*click\W*$|(?:^|[.…])\W{0,3}sent\b",
    # German
    r"\bich (?:\w+ ){0,4}?(?:schick|sende|zeig|mal|male|zeichne|erstell|mach|generier|knips|fotografier)\w*",
    r"\b(?:schick|zeig|mal|zeichne|mach|sende)\w* (?:ich )?(?:dir|ihnen|euch)\b|\bhier (?:kommt|ist|sind|"
    r"hast)\b",
    r"\bso sieht\b|\b(?:macht|knipst|schickt|zeichnet|hält) (?:\w+ ){0,3}(?:foto|selfie|bild|handy)\b",
    # French, Spanish, Italian, Portuguese
    r"\bje (?:t'|te |vous |vais |m'en vais )+(?:l')?(?:envo\w+|montr\w+|dessin\w+|peins|fais|prend\w*|"
    r"crée\w*|génère\w*)",
    r"\bje (?:dessine|crée|génère|prends)\b|\bvoici\b|\bvoilà\b",
    r"\b(?:te|voy a|os|le|ahora|déjame|vou|vou te|já|ti|vi|adesso|ora) (?:\w+ ){0,3}?(?:mand|envi|enseñ|"
    r"muestr|mostr|dibuj|pint|saco|hag|crear|cre|gener|desenh|tir|disegn|mostr|invi|facci|fotograf)\w*",
    r"\b(?:aquí (?:tienes|va|está)|ahí va|mira,|aqui (?:está|vai)|ecco\b|te la mando|te lo mando)",
    # Dutch, Polish, Swedish, Turkish
    r"\bik (?:\w+ ){0,3}?(?:stuur|teken|maak|schilder|laat)\b|\bhier (?:is|komt|heb)\b",
    r"\b(?:wysyłam|wyślę|narysuję|rysuję|maluję|pokażę|robię|zrobię|oto)\b|\bproszę,",
    r"\bjag (?:\w+ ){0,2}?(?:skickar|ritar|målar|visar|tar)\b|\bhär (?:kommer|är)\b",
    r"\b\w*(?:gönder|çiz|göster|çek|atı)\w*(?:ıyorum|iyorum|uyorum|üyorum|yorum|eceğim|acağım|eyim|ayım|"
    r"erim|arım)\b|\bişte\b",
    # Russian, Japanese, Chinese
    r"(?:пришлю|отправлю|отправляю|шлю|скину|нарисую|рисую|покажу|сделаю|делаю|сфотографирую|вот(?!\w))",
    r"(?:送る|送り|描く|描いてあげ|描いてみ|描き|見せる|見せてあげ|撮る|撮って|撮り|作る|はい、?どうぞ|どうぞ|これ(?:が|だよ|です))",
    r"(?:这就|马上|现在|给你|我来|等我|等一下).{0,12}(?:发|画|拍|看|做|生成)|发给你|给你发|发过去|拍一张|画一[张幅个只]|看这",
)
"""Whoever writes it makes, sends or shows something now."""

_SHOWS = _any(
    r"\blet me .{0,30}\bwith (?:a|this) (?:pic|photo|picture|drawing)\b|^\W*(?:here|hier|tiens|ecco|toma|"
    r"вот),? (?:a|an|my|ein|eine|une?|un|una|мо[йе])\b.{0,20}\b(?:selfie|foto|photo|picture|pic|bild)\b",
    r"\bi (?:have to|need to|must|gotta|wanna|want to|can) show you\b|\blook at (?:this|these)\b|"
    r"\blook, (?:it's|that's|here)\b",
    r"\bi (?:just )?(?:took|made|drew|painted) (?:a|an|one|some) .{0,40}\b(?:for you|look)\b|"
    r"\bas (?:requested|promised)\b",
    r"\b(?:drawing|painting|sketching|rendering|generating|creating) (?:your|it|him|her|them)\b",
    r"\b(?:take|make|send|do|try|draw|paint) (?:you )?another (?:one|version)?\b|\bhere(?:'s|"
    r" is) the (?:new|updated)\b",
    r"\b(?:videos?|words) .{0,40}\bbut a (?:photo|picture)\b|\bshould have seen\b.{0,80}\byou can\b|"
    r"\bthe best shot\b",
    r"\bich (?:zeichne|male|skizziere|knipse|schicke?|sende) (?:dir|euch|ihnen)\b|\bzu sehen bekommst\b|"
    r"\bkommt (?:gleich|sofort)\b",
    r"\bje (?:t'|vous )(?:envoie|dessine)\b|\bje te (?:dessine|peins|montre|fais voir)\b|\bte (?:lo|"
    r"la) (?:enseño|muestro|mando)\b",
    r"\b(?:te|ti) (?:dibujo|pinto|mando|envío|disegno|dipingo|invio|desenho|envio)\b|\bik (?:teken|stuur|"
    r"schilder) (?:je|het)\b",
    r"\bkomt eraan\b|\b(?:rysuję|wysyłam|narysuję|wyślę) (?:ci|dla)\b|(?:рисую|нарисую|пришлю|отправлю|"
    r"скину|лови)(?!\w)",
    r"смотри сам|вот (?:вид|фото|тебе)|見せちゃう|じゃーん|描いてあげ|送るね|你看|给你画|刚拍的|我来画",
    r"\b(?:sending|drawing|painting|sketching|rendering|illustrating|generating|snapping) (?:it|you|u|"
    r"this|that|one|us|the|a|an|over)\b|^\W*sending\W*$|\bon (?:its|the) way\b|\b(?:picture|pic|photo|"
    r"image|selfie)s? incoming\b",
    r"\b(?:i'll|i will|let me|lemme|i'm going to|i'm gonna|watch me) (?:\w+ )?(?:draw|paint|sketch|render|"
    r"illustrate|generate|snap|photograph|redraw|repaint|redo|retake|send you (?:a|one|the|some|my|"
    r"this))\b",
    r"\b(?:have|take) a (?:quick )?look\b|\bsee for yourself\b|\bfeast your eyes\b|\b(?:nice |"
    r"pretty )?to look at:|\bi (?:just )?(?:took|drew|painted|sketched|snapped) (?:this|you)\b|"
    r"\bi'm sending\b",
    r"\b(?:i'll|i will|let me|lemme|gonna|going to|want to|why don't i)\b.{0,20}?\bshow (?:you|u|ya)\b",
    r"\b(?:ich zeig\w*|zeig\w* ich|lass mich) (?:\w+ )?(?:dir|euch|ihnen)\b|\bich zeig'?s? dir\b",
    r"\bje (?:te|vous|vais te|vais vous) montr\w+|\bte (?:voy a )?(?:enseñ|muestr|mostr)\w+|"
    r"\bti (?:faccio vedere|mostro)\b",
    r"\b(?:vou )?te mostr\w+|\bik laat (?:je|het)\b|\bpokażę ci\b|покажу тебе|見せてあげる|给你看",
)
"""That the user is about to see something, whatever it is."""

_GIVES = _any(
    r"\b(?:here(?:'s| is| are| it is| you go| we go| goes| have)|there(?:,| you go| how's)|ta-?da|"
    r"take a look|have a look|look at (?:this|these|that|me|her|him|us)|this is|this one|it's (?:me|you)|"
    r"that's|explain this|voil[aà]|feast your eyes|behold|how's that|how do i look|i took this|"
    r"enjoy)(?!\w)",
    r"\b(?:bitte(?:schön| sehr)|schau (?:mal|her|dir)|guck mal|hier,)|\b(?:regarde|tiens|tenez)\b",
    r"\b(?:mira|toma|guarda|eccola|eccolo|eccoti|olha|toma aí|pronto|kijk|alsjeblieft|patrz|titta|"
    r"varsågod|buyur)\b",
    r"держи|смотри|лови|ほら|見て|看",
)
"""What is said while something is handed over."""

_TURN = re.compile(
    r"(?:[,;:—–]|\s-)\s*(?:but|aber|mais|pero|però|ma|mas|maar|ale|men|ama|но|でも|但|so|instead|anyway)\b|"
    r"[。！？!?…;；*]|\.\.\.|\s[—–]\s|\n",
    re.IGNORECASE,
)
"""Where a sentence turns to something else."""


def may_promise(reply: str, asked: str = "", *, follows_picture: bool = False) -> bool:
    """Whether the reply may promise a picture.

    `asked` is what the user had said, `follows_picture` whether that was said to a picture, which it may want changed.
    """
    text, code = _CODE.subn(" ", reply[-MOST:])
    if _MARKDOWN_PICTURE.search(text) or _ACTION.search(text):
        return True
    if _TOLD_SPEECH.search(text):
        text = _QUOTED.sub(" ", text)
    text = text.replace("’", "'")
    asked = asked[-MOST:]
    is_remark = _NOT_REQUESTED.search(asked) is not None
    is_change = follows_picture and not is_remark
    is_wished = not is_remark and (
        _has((_PICTURE, _WISHED, _REQUESTED), asked) or (is_change and bool(_CHANGE.search(asked)))
    )
    clauses = list(_clauses(text))
    possible = [clause for clause in clauses if not _has(_NEVER, clause)]
    coming = [clause for clause in possible if not _has(_HARDLY, clause)]
    if any(_hands_over(clause) for clause in possible):
        return True
    if any(_announces(clause, is_wished=is_wished or is_change) for clause in coming):
        return True
    # Whoever asks for a picture and is not refused may get one, whatever the words.
    return bool(coming) and is_wished and not code and not any(_DENIED.search(clause) for clause in clauses)


def _clauses(text: str) -> Iterator[str]:
    for sentence in sentences(text):
        yield from (clause for clause in _TURN.split(sentence) if clause.strip())


def _has(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _hands_over(clause: str) -> bool:
    """Whether a picture is there or about to come, without any doubt."""
    is_given = _GIVES.search(clause) and _PICTURE.search(clause)
    return bool(_CAMERA.search(clause) or _SHOWS.search(clause) or is_given)


def _announces(clause: str, *, is_wished: bool) -> bool:
    is_picture = is_wished or bool(_PICTURE.search(clause))
    return is_picture and bool(_MAKES.search(clause) or _GIVES.search(clause))
