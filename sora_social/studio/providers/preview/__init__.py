"""The built-in preview provider's renderer: a real clip from a prompt, without network or GPU.

The prompt is read (`reading`), laid out in time (`story`), drawn as layers and actors (`scene`), given sound and
speech, and leaves through one reel that marks every frame (`encoding`). Lines in scripts the built-in letters lack are
spoken and captioned in the WebVTT, but burned in only when the recipe names a font file that covers them.

`recipe` says what can be asked for and is light; `rendering` brings codecs and arrays along, and is imported by who
renders.
"""
