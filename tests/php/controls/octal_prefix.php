<?php

$mode = 0o755;
