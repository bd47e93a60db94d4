if [ -z "$DISPLAY" ]; then
  TMOUT=900
  readonly TMOUT
fi
